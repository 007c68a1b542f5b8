import { Code, RundError } from "../common/error.ts";
import { ConnectRequest } from "../proto/generated/containerd/task/v2/task.ts";
import { Empty } from "../proto/generated/google/protobuf/empty.ts";
import { TtrpcClient } from "../ttrpc/client.ts";
import { type Services, unary } from "../ttrpc/service.ts";

/** Rund's own service, spoken between `start` and a daemon that serves several containers. */
const groupService = "rund.shim.v1.Group";

/** How long a daemon may take to answer, in milliseconds; one that is booting takes some tens. */
const timeoutMs = 5_000;

/**
 * The daemon's side. `join` is called with the id of a container that is about to be created here; it throws when the
 * daemon is about to end.
 */
export function groupServices(join: (id: string) => void): Services {
  const Join = unary(ConnectRequest, Empty, ({ id }) => {
    join(id);
    return {};
  });
  return { [groupService]: { Join } };
}

/**
 * Asks the daemon behind a group's socket to take one more container, so that it does not end before that is created.
 * False when it is about to end, or gone.
 */
export async function joinGroup(socket: string, id: string): Promise<boolean> {
  let client: TtrpcClient | undefined;
  try {
    client = await TtrpcClient.connect(socket, { timeoutMs });
    await client.invoke(groupService, "Join", ConnectRequest, Empty, { id }, { timeoutMs });
    return true;
  } catch (error) {
    if (RundError.from(error).code === Code.unavailable) return false;
    throw error;
  } finally {
    client?.close();
  }
}
