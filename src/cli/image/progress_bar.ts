import { Presets, SingleBar } from "cli-progress";
import type { ImageProgress } from "../../image/build_image.ts";
import type { ImageScan } from "../../image/scan_image.ts";
import { sizeText } from "./image_text.ts";

/** Progress for people on standard error: a bar on a terminal, elsewhere a line for each layer. */
export interface ShownProgress extends ImageProgress {
  /** Takes the bar away, or leaves it where it stands. */
  stop(): void;
}

const nothing = { layer: () => {}, read: () => {}, finishing: () => {}, stop: () => {} };

export function showProgress(scan: ImageScan, isQuiet: boolean, stream = process.stderr): ShownProgress {
  if (isQuiet) return nothing;
  return stream.isTTY ? bar(scan, stream) : lines(scan, stream);
}

function lines({ layers }: ImageScan, stream: NodeJS.WriteStream): ShownProgress {
  const sizes = new Map(layers.map(({ name, bytes }) => [name, bytes]));
  return {
    ...nothing,
    layer: (name) => stream.write(`${name}: ${sizeText(sizes.get(name) ?? 0)}\n`),
  };
}

function bar({ layers }: ImageScan, stream: NodeJS.WriteStream): ShownProgress {
  const total = layers.reduce((sum, { bytes }) => sum + bytes, 0);
  const width = Math.max(...layers.map(({ name }) => name.length));
  const text = (layer: string) => ({ layer: layer.padEnd(width), size: sizeText(total) });
  const shown = new SingleBar(
    {
      stream,
      format: "{layer} [{bar}] {percentage}% of {size}, {eta_formatted} left",
      barsize: 30,
      fps: 5,
      hideCursor: true,
      clearOnComplete: true,
      // Of ^C this program takes care itself.
      gracefulExit: false,
    },
    Presets.legacy,
  );
  shown.start(Math.max(total, 1), 0, text(layers[0]?.name ?? ""));
  return {
    layer: (name) => shown.update(text(name)),
    read: (bytes) => shown.increment(bytes),
    finishing: () => shown.update(text("storing")),
    stop: () => shown.stop(),
  };
}
