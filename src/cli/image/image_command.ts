import { Code, RundError } from "../../common/error.ts";
import { buildImage } from "../../image/build_image.ts";
import { compression, usualCompression } from "../../image/compression.ts";
import { darwinList } from "../../image/darwin_list.ts";
import { fullName } from "../../image/image_name.ts";
import { planImage } from "../../image/image_plan.ts";
import { matcher } from "../../image/matcher.ts";
import { type ImageScan, scanImage } from "../../image/scan_image.ts";
import { defineCommand } from "../command.ts";
import { print } from "../print.ts";
import { onlyWord } from "../words.ts";
import { imageSettings } from "./image_settings.ts";
import { imageSource } from "./image_source.ts";
import { imageTarget } from "./image_target_of.ts";
import { builtText, problemsText, scanText } from "./image_text.ts";
import { imageUsage } from "./image_usage.ts";
import { untilSignal } from "./interrupt.ts";
import { showProgress } from "./progress_bar.ts";

export const imageCommand = defineCommand(imageUsage, async (flags, words) => {
  if (flags["print-list"]) return void print(darwinList);
  const name = flags.print ? undefined : fullName(onlyWord(imageUsage.name, "a name for the image", words));
  const { root, list, platform } = imageSource(flags);
  const settings = imageSettings(flags, platform.os);
  const packed = compression(flags.compression ?? usualCompression(), flags.level);
  const epoch = sourceDate(process.env["SOURCE_DATE_EPOCH"]);
  const plan = planImage(list, root);
  const isExcluded = matcher(list.excluded);
  return await untilSignal(async (signal) => {
    const target = name === undefined ? undefined : await imageTarget(flags, signal);
    try {
      const omitted = new Set(target?.places);
      const scan = await scanImage(plan, { isExcluded, omitted, required: list.required, signal });
      assertComplete(scan, flags["skip-unreadable"] ?? false);
      if (name === undefined || target === undefined) return print(scanText(scan));
      const progress = showProgress(scan, flags.quiet ?? false);
      const request = { name, plan, scan, platform, settings, compression: packed, isExcluded, epoch };
      const image = await buildImage(request, target, progress, signal).finally(() => progress.stop());
      print(flags.quiet ? `${image.digest}\n` : builtText(name, platform, image, scan));
    } finally {
      await target?.discard();
    }
  });
});

/** @throws RundError when something is not there that has to be, or cannot be read */
function assertComplete(scan: ImageScan, mayLack: boolean): void {
  if (scan.unmatched.length > 0) {
    throw new RundError(
      Code.failedPrecondition,
      `nothing matches ${scan.unmatched.join(", ")}, which the list requires`,
    );
  }
  if (scan.problems.size > 0) {
    process.stderr.write(problemsText(scan));
    if (mayLack) return;
    throw new RundError(
      Code.permissionDenied,
      `${scan.problems.size} of the files cannot go into the image: --skip-unreadable leaves them out, --exclude some of them`,
    );
  }
  if (scan.layers.every(({ entries }) => entries === 0)) {
    throw new RundError(Code.failedPrecondition, "there is nothing to make an image of");
  }
}

function sourceDate(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new RundError(Code.invalidArgument, `SOURCE_DATE_EPOCH ${text}: must be a number of seconds`);
}
