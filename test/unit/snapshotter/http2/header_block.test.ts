import { connect, createServer } from "node:http2";
import { expect, it } from "vitest";
import { decodeHeaders, encodeHeaders } from "../../../../src/snapshotter/http2/header_block.ts";
import { huffmanText } from "../../../../src/snapshotter/http2/huffman_text.ts";

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

it("reads the texts that the RFC has as examples", () => {
  expect(huffmanText(bytes("f1e3 c2e5 f23a 6ba0 ab90 f4ff"))).toBe("www.example.com");
  expect(huffmanText(bytes("9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3"))).toBe("https://www.example.com");
  expect(huffmanText(bytes("d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff"))).toBe(
    "Mon, 21 Oct 2013 20:13:21 GMT",
  );
});

it("reads literal headers, also behind those of a table and changes of its size", () => {
  const block = bytes("20 88 40 8825a849e95ba97d7f 8925a849e95bb8e8b4bf 5f 01 61 00 01 62 01 63");
  expect(decodeHeaders(block)).toEqual(
    new Map([
      ["custom-key", "custom-value"],
      ["b", "c"],
    ]),
  );
});

it("reads its own, of any length", () => {
  const headers = new Map([
    ["short", "x"],
    ["long", "y".repeat(300)],
    ["longer", "ä".repeat(40_000)],
    ["empty", ""],
  ]);
  expect(decodeHeaders(encodeHeaders(headers))).toEqual(headers);
});

it("ends with what is cut off or no text", () => {
  for (let length = 0; length < 20; length++) decodeHeaders(Buffer.alloc(length, 0xff));
  expect(huffmanText(Buffer.alloc(40, 0xff))).toBe("");
});

it("is read by another implementation", async () => {
  const server = createServer();
  const seen = new Promise((resolve) => server.on("stream", (_, headers) => resolve(headers)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const session = connect(`http://127.0.0.1:${port}`);
  session.request({ ":path": "/x" }).on("error", () => {});
  expect(await seen).toMatchObject({ ":path": "/x" });
  session.destroy();
  server.close();
});
