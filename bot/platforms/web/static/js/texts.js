// The page's own words in two languages. What the bot says comes from the server.
const WORDS = {
  title: ["应急网格", "Emergency Grid"],
  big: ["大字", "Large"],
  more: ["更多设置", "More settings"],
  log: ["聊天记录", "Messages"],
  typing: ["正在处理…", "Working…"],
  menu: ["菜单", "Menu"],
  hint: ["输入文字或拍照", "Type or take a photo"],
  camera: ["拍照", "Take a photo"],
  attach: ["照片、位置、文件", "Photos, location, files"],
  send: ["发送", "Send"],
  viewer: ["查看照片", "Photo"],
  close: ["关闭", "Close"],
  prev: ["上一张", "Previous"],
  next: ["下一张", "Next"],

  stranger: ["尚未加入", "Not joined yet"],
  connecting: ["正在连接…", "Connecting…"],
  offline: ["网络不通。您可以继续填写，网络恢复后自动发出。", "You are offline. Keep writing: it is sent when the network is back."],
  slow: ["连接不稳定，正在用备用方式收发。", "The connection is unstable; using a slower way."],
  away: ["连接断开，正在重新连接…", "Connection lost, trying again…"],

  waiting: ["待发送", "Waiting"],
  sending: ["发送中", "Sending"],
  progress: ["发送中 {percent}%", "Sending {percent}%"],
  delivered: ["已送达", "Delivered"],
  failed: ["未发出", "Not sent"],
  retry: ["重发", "Try again"],
  refused: ["「{name}」未发出：{reason}", "“{name}” was not sent: {reason}"],
  change: ["改后重发", "Change and resend"],
  remove: ["删除", "Delete"],
  changed: ["登录身份已变，请确认后重发。", "You are signed in differently now. Please check and send again."],
  lost: ["暂时发不出去，请稍后再试。", "It could not be sent just now. Please try again."],
  pressLost: ["网络不通，请稍后再按一次。", "No connection. Please press it again in a moment."],

  newer: ["新消息", "New messages"],
  count: ["{n} 条新消息", "{n} new"],
  latest: ["回到最新", "Latest"],
  today: ["今天", "Today"],
  yesterday: ["昨天", "Yesterday"],
  photo: ["照片{n}", "Photo {n}"],
  openPhoto: ["查看大图，第{n}张", "Open photo {n}"],
  broken: ["照片打不开", "The photo cannot be shown"],
  download: ["下载", "Download"],
  place: ["位置", "Location"],
  you: ["我", "Me"],
  bot: ["网格", "Grid"],
  qr: ["二维码", "QR code"],

  album: ["相册", "Album"],
  file: ["文件", "File"],
  sample: ["示例照片", "Sample photo"],
  caption: ["{enterprise} 安全出口被纸箱堵住", "{enterprise} 安全出口被纸箱堵住"],
  takeAway: ["去掉{name}", "Remove {name}"],
  addMore: ["再加照片", "Add photos"],
  tooLong: ["一次最多发{limit}字，现在有{count}字，请分几次发。", "At most {limit} characters at a time; these are {count}. Please send them in parts."],
  tooMany: ["一次最多发9张，多出的没有加入。", "At most 9 at a time; the others were left out."],
  tooBig: ["「{name}」超过20MB，发不了。", "“{name}” is larger than 20 MB and cannot be sent."],
  empty: ["「{name}」是空文件，发不了。", "“{name}” is empty and cannot be sent."],

  locating: ["正在定位…", "Finding your location…"],
  sendPlace: ["发送我的位置", "Send my location"],
  placeDenied: ["没有定位权限。请在浏览器设置里允许定位，或直接输入地点。", "Location is not allowed. Allow it in the browser's settings, or type the place."],
  placeFailed: ["没有定到位置。请到开阔处再试，或直接输入地点。", "No location found. Try again in the open, or type the place."],
  placeInsecure: ["这个网址不能定位（需要 https），请直接输入地点。", "This address cannot use location (https is needed). Please type the place."],
  placeDemo: ["演示：已使用示例位置。", "Demo: the sample location was used."],

  enterCode: ["输入邀请码", "Enter invite code"],
  welcome: ["欢迎使用应急网格", "Welcome to Emergency Grid"],
  welcomeHow: ["请输入管理员发给您的邀请码，也可以直接打开邀请链接。", "Enter the invite code you were given, or open the invite link."],
  code: ["邀请码", "Invite code"],
  join: ["加入", "Join"],
  codeMissing: ["请先输入邀请码。", "Please enter the invite code first."],

  noMenu: ["加入后，这里是您的常用功能。", "After joining, your commands are here."],
  settings: ["设置", "Settings"],
  size: ["字号", "Text size"],
  normal: ["标准", "Normal"],
  language: ["语言 / Language", "语言 / Language"],
  kept: ["没有发出的内容保存在本机，网络恢复后自动发出。", "What is not sent yet is kept on this device and sent when the network is back."],
};

let column = 0;

/** The language of the page: "zh" or "en". */
export function lang() {
  return column === 0 ? "zh" : "en";
}

export function setLang(name) {
  column = name === "en" ? 1 : 0;
  document.documentElement.lang = column ? "en" : "zh-CN";
  fill(document);
  document.dispatchEvent(new CustomEvent("lang"));
}

/** A sentence, with its {fields}. */
export function t(key, fields = {}) {
  return WORDS[key][column].replace(/\{(\w+)\}/g, (_, name) => String(fields[name] ?? ""));
}

/** Set the texts of all elements below `root` that name one. */
export function fill(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    if (node.localName === "button") node.title = t(node.dataset.tLabel);
  }
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}
