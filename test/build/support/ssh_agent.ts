import { createServer, type Server } from "node:net";
import { inject, onTestFinished } from "vitest";
import { uniqueId } from "../../harness/unique_id.ts";

/** Message numbers of the agent protocol (draft-miller-ssh-agent). */
const askForKeys = 11;
const keys = 12;
const failure = 5;

/** An ssh agent with one key of the given name that signs nothing; returns its socket. Ends with the test. */
export async function sshAgent(name: string): Promise<string> {
  const socket = `${inject("builds").folder}/${uniqueId("agent")}.sock`;
  const server: Server = createServer((connection) => {
    connection.on("data", (data: Buffer) => {
      connection.write(data[4] === askForKeys ? keyList(name) : message(Buffer.from([failure])));
    });
    connection.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.close();
  });
  return socket;
}

function keyList(name: string): Buffer {
  const key = Buffer.concat([text(Buffer.from("ssh-ed25519")), text(Buffer.alloc(32, 7))]);
  return message(Buffer.concat([Buffer.from([keys, 0, 0, 0, 1]), text(key), text(Buffer.from(name))]));
}

function text(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

const message = text;
