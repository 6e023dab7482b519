// Where the phone is, or a clear sentence why not.
import { toast } from "./dom.js";
import { t } from "./texts.js";

const demo = document.documentElement.dataset;

/** Give { lat, lon } in degrees (WGS-84), or null after saying why there is none. */
export async function locate() {
  if (demo.demo) {
    toast(t("placeDemo"));
    return { lat: Number(demo.lat), lon: Number(demo.lon) };
  }
  if (!window.isSecureContext || !navigator.geolocation) {
    toast(t("placeInsecure"));
    return null;
  }
  toast(t("locating"));
  try {
    const found = await ask(true, 12000).catch((error) => {
      if (error.code === error.PERMISSION_DENIED) throw error;
      return ask(false, 8000); // indoors the coarse position is all there is
    });
    toast(t("place"));
    return { lat: found.coords.latitude, lon: found.coords.longitude };
  } catch (error) {
    toast(t(error.code === 1 ? "placeDenied" : "placeFailed"));
    return null;
  }
}

function ask(exact, timeout) {
  return new Promise((done, fail) => {
    navigator.geolocation.getCurrentPosition(done, fail, { enableHighAccuracy: exact, timeout, maximumAge: 30000 });
  });
}
