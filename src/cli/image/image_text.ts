import type { BuiltImage } from "../../image/build_image.ts";
import type { ImagePlatform } from "../../image/image_platform.ts";
import type { ImageScan } from "../../image/scan_image.ts";
import { table } from "../table.ts";

const units = ["B", "kB", "MB", "GB", "TB"];

/** As `ls` and docker have sizes: three digits at most, thousands. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${value >= 99.5 || unit === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`;
}

function platformText({ os, architecture, variant, osVersion }: ImagePlatform): string {
  const name = [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
  return osVersion === undefined ? name : `${name} ${osVersion}`;
}

/** What would be in an image. */
export function scanText(scan: ImageScan): string {
  const rows = scan.layers.map(({ name, entries, bytes }) => [name, String(entries), sizeText(bytes)]);
  return table(["LAYER", "ENTRIES", "SIZE"], rows) + leftOutText(scan);
}

/** What is in one. */
export function builtText(name: string, platform: ImagePlatform, image: BuiltImage, scan: ImageScan): string {
  const rows = image.layers.map((layer) => {
    const { entries, bytes } = scan.layers.find((each) => each.name === layer.name) ?? {
      entries: 0,
      bytes: 0,
    };
    return [layer.name, String(entries), sizeText(bytes), sizeText(layer.size), layer.digest.slice(0, 19)];
  });
  const head = ["LAYER", "ENTRIES", "SIZE", "STORED", "DIGEST"];
  return `${name} (${platformText(platform)})\n${table(head, rows)}${leftOutText(scan)}${image.digest}\n`;
}

function leftOutText({ leftOut }: ImageScan): string {
  return leftOut === 0 ? "" : `${leftOut} sockets and devices are left out\n`;
}

const mostNamed = 50;

/** Every path that cannot go into the image, with why. */
export function problemsText({ problems }: Pick<ImageScan, "problems">): string {
  const lines = [...problems].map(([path, reason]) => `  ${path}: ${reason}\n`);
  const more = lines.length - mostNamed;
  return lines.slice(0, mostNamed).join("") + (more > 0 ? `  and ${more} more\n` : "");
}
