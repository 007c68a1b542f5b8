import type { Bundle } from "../oci/bundle.ts";
import { type Jail, type JailRecord, rootJail } from "./jail.ts";

/** The jail with this record, of a container that is being made or that another process of rund has made. */
export async function jailOf(record: JailRecord, bundle: Bundle): Promise<Jail> {
  if (record.uid === undefined) return rootJail(record, bundle.spec);
  const { userJail } = await import("./user/user_jail.ts");
  return userJail({ ...record, uid: record.uid }, bundle);
}
