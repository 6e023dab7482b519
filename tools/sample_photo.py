"""Draw the demo's sample photo: an emergency exit blocked by cardboard boxes.

Drawn, so that it shows nobody's premises and belongs to nobody. It is committed as a JPEG; to draw it again:

    python -m tools.sample_photo FONT bot/platforms/web/static/sample.jpg

FONT is any font with Chinese characters. The same font and Pillow give the same picture.
"""

import sys

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

WIDTH, HEIGHT, FINE = 1600, 1200, 2
Point = tuple[float, float]
Colour = tuple[int, int, int]

# The far wall of the corridor, in pixels of the finished picture: everything runs towards it.
LEFT, RIGHT, TOP, FLOOR = 520, 1120, 300, 800


def fine(*points: Point) -> list[Point]:
    """Scale to the size it is drawn in."""
    return [(x * FINE, y * FINE) for x, y in points]


def shade(colour: Colour, factor: float) -> Colour:
    """Make a colour lighter (over 1) or darker."""
    red, green, blue = (min(255, max(0, round(part * factor))) for part in colour)
    return red, green, blue


def between(start: Point, end: Point, share: float) -> Point:
    """The point at this share of the way."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


class Scene:
    """A picture in the making."""

    def __init__(self, font: str) -> None:
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), (203, 200, 191))
        self.draw = ImageDraw.Draw(self.image)
        self.font = font

    def area(self, colour: Colour, *points: Point) -> None:
        self.draw.polygon(fine(*points), fill=colour)

    def line(self, colour: Colour, width: float, *points: Point) -> None:
        self.draw.line(fine(*points), fill=colour, width=round(width * FINE), joint="curve")

    def text(self, at: Point, words: str, size: float, colour: Colour) -> None:
        font = ImageFont.truetype(self.font, round(size * FINE))
        self.draw.text(fine(at)[0], words, font=font, fill=colour, anchor="mm")

    def shadow(self, strength: int, blur: float, *points: Point) -> None:
        """Darken an area softly."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon(fine(*points), fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(blur * FINE))
        self.image.paste(Image.new("RGB", self.image.size, (20, 18, 16)), (0, 0), mask)

    def glow(self, colour: Colour, strength: int, blur: float, *points: Point) -> None:
        """Lighten an area softly."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon(fine(*points), fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(blur * FINE))
        light = Image.composite(Image.new("RGB", self.image.size, colour), Image.new("RGB", self.image.size), mask)
        self.image.paste(ImageChops.screen(self.image, light))


def draw_room(scene: Scene) -> None:
    """Walls, ceiling, floor."""
    scene.area((226, 223, 214), (0, 0), (LEFT, TOP), (LEFT, FLOOR), (0, 1120))  # left wall
    scene.area((206, 203, 195), (WIDTH, 0), (RIGHT, TOP), (RIGHT, FLOOR), (WIDTH, 1120))
    scene.area((217, 214, 205), (LEFT, TOP), (RIGHT, TOP), (RIGHT, FLOOR), (LEFT, FLOOR))
    scene.area((236, 236, 232), (0, 0), (WIDTH, 0), (RIGHT, TOP), (LEFT, TOP))  # ceiling
    scene.area((150, 147, 140), (LEFT, FLOOR), (RIGHT, FLOOR), (WIDTH, 1120), (WIDTH, HEIGHT), (0, HEIGHT), (0, 1120))
    green = (139, 165, 150)  # the painted lower half of walls in such halls
    scene.area(green, (0, 760), (LEFT, 640), (LEFT, FLOOR), (0, 1120))
    scene.area(shade(green, 0.9), (WIDTH, 760), (RIGHT, 640), (RIGHT, FLOOR), (WIDTH, 1120))
    scene.area(shade(green, 0.97), (LEFT, 640), (RIGHT, 640), (RIGHT, FLOOR), (LEFT, FLOOR))
    for side, far in ((0, LEFT), (WIDTH, RIGHT)):  # where wall, paint and floor meet
        scene.line((104, 126, 113), 5, (side, 760), (far, 640))
        scene.line((90, 88, 84), 7, (side, 1120), (far, FLOOR))
    for step in (0.25, 0.5, 0.75):  # joints of the floor
        scene.line(
            (136, 133, 127), 2, between((LEFT, FLOOR), (RIGHT, FLOOR), step), (WIDTH * (step * 2.2 - 0.6), HEIGHT)
        )
    for depth in (836, 890, 975, 1100):
        share = (depth - FLOOR) / (1120 - FLOOR)
        edges = between((LEFT, depth), (0, depth), share), between((RIGHT, depth), (WIDTH, depth), share)
        scene.line((136, 133, 127), 2, *edges)


def draw_lights(scene: Scene) -> None:
    """Two lamps and what they do to the floor."""
    for near, far, half_near, half_far in ((60, 110, 190, 150), (190, 222, 112, 92)):
        middle = (LEFT + RIGHT) / 2
        corners = (
            (middle - half_near, near),
            (middle + half_near, near),
            (middle + half_far, far),
            (middle - half_far, far),
        )
        scene.area((255, 255, 250), *corners)
        scene.glow((255, 252, 238), 190, 34, *corners)
    scene.glow((255, 250, 235), 60, 120, (420, 880), (1180, 880), (1500, HEIGHT), (100, HEIGHT))


def draw_door(scene: Scene) -> None:
    """The exit with its sign."""
    left, right, top = 640, 1000, 395
    scene.area((92, 96, 99), (left - 16, top - 14), (right + 16, top - 14), (right + 16, FLOOR), (left - 16, FLOOR))
    for start, end in ((left, 818), (822, right)):
        scene.area((168, 62, 52), (start, top), (end, top), (end, FLOOR), (start, FLOOR))
        scene.area((150, 54, 46), (start + 22, 640), (end - 22, 640), (end - 22, FLOOR - 26), (start + 22, FLOOR - 26))
        scene.area(
            (62, 78, 88), (start + 52, top + 50), (end - 52, top + 50), (end - 52, top + 165), (start + 52, top + 165)
        )
        scene.line((205, 214, 220), 5, (start + 52, top + 100), (end - 52, top + 62))
        scene.line((196, 199, 201), 13, (start + 18, 602), (end - 18, 602))  # push bar
        scene.line((228, 230, 231), 4, (start + 18, 598), (end - 18, 598))
    sign = ((706, 322), (934, 322), (934, 378), (706, 378))
    scene.area((15, 122, 66), *sign)
    scene.line((232, 245, 238), 3, *sign, sign[0])
    scene.text((820, 350), "安全出口", 40, (240, 255, 246))
    scene.glow((40, 220, 130), 150, 26, *sign)


def draw_extinguisher(scene: Scene) -> None:
    """The cabinet on the right wall."""
    scene.area((188, 34, 30), (1290, 640), (1420, 668), (1420, 900), (1290, 850))
    scene.area((226, 236, 240), (1304, 668), (1406, 691), (1406, 862), (1304, 822))
    scene.area((196, 30, 28), (1338, 705), (1372, 712), (1372, 842), (1338, 830))
    scene.area((30, 30, 32), (1345, 688), (1366, 692), (1366, 714), (1345, 708))
    scene.text((1355, 622), "灭火器", 34, (172, 28, 24))
    scene.shadow(70, 14, (1290, 850), (1420, 900), (1430, 930), (1290, 876))


def draw_box(scene: Scene, at: Point, size: tuple[float, float, float], colour: Colour, tilt: float = 0) -> None:
    """A cardboard box: `at` is the lower left corner of its front, `size` width, height and depth in pixels."""
    x, y = at
    width, height, depth = size
    back, rise = depth * 0.55, depth * 0.42
    front = ((x, y), (x + width, y + tilt), (x + width, y - height + tilt), (x, y - height))
    scene.area(colour, *front)
    top = (front[3], front[2], (x + width + back, y - height - rise + tilt), (x + back, y - height - rise))
    scene.area(shade(colour, 1.16), *top)
    side = (front[1], (x + width + back, y - rise + tilt), top[2], front[2])
    scene.area(shade(colour, 0.72), *side)
    tape, half = shade(colour, 1.28), width * 0.05
    low, high, far = between(front[0], front[1], 0.5), between(front[3], front[2], 0.5), between(top[3], top[2], 0.5)
    end = high[1] + height * 0.24
    scene.area(tape, (high[0] - half, high[1]), (high[0] + half, high[1]), (high[0] + half, end), (high[0] - half, end))
    scene.area(
        tape, (high[0] - half, high[1]), (high[0] + half, high[1]), (far[0] + half, far[1]), (far[0] - half, far[1])
    )
    edge = shade(colour, 0.62)
    scene.line(edge, 2, *front, front[0])
    scene.line(edge, 2, front[3], top[3], top[2], front[2])
    mark = shade(colour, 0.5)
    scene.line(
        mark, 3, (x + width * 0.12, low[1] - height * 0.16), (x + width * 0.36, low[1] - height * 0.16 + tilt / 3)
    )
    scene.line(
        mark, 3, (x + width * 0.12, low[1] - height * 0.25), (x + width * 0.3, low[1] - height * 0.25 + tilt / 3)
    )
    for number in range(2):
        left = x + width * (0.68 + 0.13 * number)
        scene.line(mark, 3, (left, low[1] - height * 0.13), (left, low[1] - height * 0.3))
        scene.line(
            mark,
            3,
            (left - 8, low[1] - height * 0.24),
            (left, low[1] - height * 0.3),
            (left + 8, low[1] - height * 0.24),
        )


def draw_boxes(scene: Scene) -> None:
    """What does not belong there."""
    brown, pale, dark = (183, 138, 88), (201, 160, 110), (160, 116, 70)
    scene.shadow(150, 22, (520, 905), (1190, 900), (1270, 965), (560, 990))
    draw_box(scene, (600, 868), (150, 128, 90), dark)
    draw_box(scene, (770, 868), (165, 150, 90), brown)
    draw_box(scene, (955, 872), (140, 118, 90), pale)
    draw_box(scene, (628, 742), (140, 112, 84), pale, tilt=4)
    draw_box(scene, (800, 718), (138, 106, 80), dark)
    draw_box(scene, (500, 930), (190, 165, 110), pale)
    draw_box(scene, (706, 948), (210, 182, 120), brown)
    draw_box(scene, (940, 940), (180, 150, 110), dark, tilt=-5)
    draw_box(scene, (724, 768), (178, 140, 100), pale, tilt=-6)
    draw_box(scene, (560, 768), (132, 112, 84), brown, tilt=5)
    scene.shadow(110, 16, (330, 1010), (600, 1075), (640, 1110), (330, 1085))
    draw_box(scene, (330, 1055), (230, 132, 130), brown, tilt=7)


def draw_floor_marking(scene: Scene) -> None:
    """The yellow area that must stay free."""
    yellow = (221, 178, 46)
    near, far = ((250, 1130), (1390, 1130)), ((455, 985), (1210, 985))
    scene.line(yellow, 12, near[0], near[1], far[1], far[0], near[0])
    for share in range(1, 12):
        start, end = between(*near, share / 12), between(*far, (share + 0.55) / 12)
        scene.line(shade(yellow, 0.96), 9, start, end)


def finish(scene: Scene) -> Image.Image:
    """Make it a photo: soft corners, a warm cast, the grain of a phone's camera."""
    image = scene.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    corners = Image.new("L", image.size, 0)
    ImageDraw.Draw(corners).ellipse((-260, -240, WIDTH + 260, HEIGHT + 240), fill=255)
    corners = ImageChops.invert(corners.filter(ImageFilter.GaussianBlur(170))).point(lambda value: value * 3 // 5)
    image.paste(Image.new("RGB", image.size, (18, 17, 22)), (0, 0), corners)
    grain = Image.effect_noise(image.size, 13).filter(ImageFilter.GaussianBlur(0.6))
    image = Image.blend(image, Image.merge("RGB", (grain,) * 3), 0.06)
    image = ImageEnhance.Contrast(image.filter(ImageFilter.GaussianBlur(0.7))).enhance(1.12)
    return ImageEnhance.Color(
        image.rotate(-0.7, Image.Resampling.BICUBIC).crop((16, 16, WIDTH - 16, HEIGHT - 16))
    ).enhance(1.05)


def main(font: str, target: str) -> None:
    """Draw the scene and save it."""
    scene = Scene(font)
    for part in (draw_room, draw_lights, draw_door, draw_extinguisher, draw_floor_marking, draw_boxes):
        part(scene)
    finish(scene).save(target, quality=86, optimize=True, progressive=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
