import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commands } from "../../../src/cli/commands.ts";
import { isolationAnnotation } from "../../../src/container/isolation.ts";
import { annotationNames } from "../../../src/oci/annotations.ts";
import { projectFolder } from "../../harness/project_paths.ts";
import { interfacePlaces, ociFields } from "./oci_fields.ts";

interface Row {
  readonly name: string;
  readonly state: string;
  readonly how: string;
  readonly test: string;
}

const read = (path: string) => readFileSync(`${projectFolder}/${path}`, "utf8");

/** The rows of the table below a heading. */
function rows(heading: string): Row[] {
  const [, section = ""] = read("docs/spec-coverage.md").split(`\n## ${heading}\n`);
  const lines = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) => {
    const [, name = "", state = "", how = "", test = ""] = line.split("|").map((cell) => cell.trim());
    return { name: name.replaceAll("`", ""), state, how, test };
  });
}

const bundle = rows("The bundle");
const calls = rows("The task API");
const commandLine = rows("The command line");
const namesOf = (list: readonly Row[]) => list.map(({ name }) => name).sort();

/** Every field of the interfaces of src/oci/spec.ts as a path; an object that has rows of its own is not one. */
function readFields(): string[] {
  const text = read("src/oci/spec.ts");
  const interfaces = [...text.matchAll(/export interface (\w+) \{\n(.*?)\n\}/gs)];
  expect(interfaces.map(([, name]) => name).sort()).toEqual(Object.keys(interfacePlaces).sort());
  const paths = interfaces.flatMap(([, name = "", body = ""]) =>
    [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => `${interfacePlaces[name]}${field}`),
  );
  const objects = Object.values(interfacePlaces).map((prefix) => prefix.replace(/(\.\*)?(\[\])?\.$/, ""));
  return paths.filter((path) => !objects.includes(path));
}

describe("docs/spec-coverage.md", () => {
  it("has every field of the OCI runtime specification once", () => {
    expect(namesOf(bundle)).toEqual([...ociFields].sort());
  });

  it("has every field that rund reads, and says of none that it is left out", () => {
    const known = new Map(bundle.map((row) => [row.name, row]));
    const read = readFields();
    expect(read.length).toBeGreaterThan(40);
    expect(read.filter((path) => !known.has(path))).toEqual([]);
    const refused = /refused|namespaces|shared/;
    const left = read.filter(
      (path) => known.get(path)?.state === "no" && !refused.test(known.get(path)?.how ?? ""),
    );
    // Only their presence matters: they are Windows's, or looked at to be refused.
    expect(left).toEqual(["process.user.username"]);
  });

  it("has every annotation that is a setting once", () => {
    expect(namesOf(rows("Annotations"))).toEqual(
      [isolationAnnotation, ...Object.values(annotationNames)].sort(),
    );
  });

  it.each(["v2", "v3"])("has every call of the task API %s once", (version) => {
    const names = [...read(`proto/containerd/task/${version}/task.proto`).matchAll(/^\s*rpc (\w+)\(/gm)];
    expect(names.map(([, name]) => name).sort()).toEqual(namesOf(calls));
  });

  it("has every command of the command line once", () => {
    expect(namesOf(commandLine)).toEqual(Object.keys(commands).sort());
  });

  it("says of a call that it is there when it is", () => {
    const service = read("src/shim/task_service.ts");
    const refused = /^\s*(\w+): unary\([^;]*;\s*throw new RundError\(Code\.unimplemented/gm;
    const missing = [...service.matchAll(refused)].map(([, name]) => name ?? "");
    const said = calls.filter(({ state }) => state === "no" || state === "not yet");
    expect(namesOf(said)).toEqual(missing.sort());
  });

  it("has one of four states in each row, a reason where one is due, and a test that exists", () => {
    const all = [...bundle, ...calls, ...commandLine];
    const wrong = all.filter(({ state, how, test }) => {
      if (!["done", "partly", "no", "not yet"].includes(state)) return true;
      if ((state === "no" || state === "partly") && how === "") return true;
      if (test !== "") return !existsSync(`${projectFolder}/${test}`);
      return state === "done" || state === "partly";
    });
    expect(wrong).toEqual([]);
  });
});
