import { rejects } from "node:assert/strict";
import { open } from "../../../lib/watchdog/probe/connection.ts";
import { serve, until } from "./servers.ts";

Deno.test("a connection that is made as its probe ends is closed", async () => {
  let ended = false;
  await using server = serve(async (conn) => {
    ended = await conn.read(new Uint8Array(1)) === null;
  }, { read: false });
  const stop = new AbortController();
  const connect = Deno.connect;
  // The signal aborts when the connection is there already, and before anybody has seen it.
  Deno.connect = (async () => {
    const conn = await connect({ hostname: "127.0.0.1", port: server.port });
    stop.abort(new Error("over"));
    return conn;
  }) as unknown as typeof Deno.connect;
  try {
    const endpoint = { scheme: "http", address: "127.0.0.1", port: server.port } as const;
    await rejects(open(endpoint, stop.signal), { message: "over" });
  } finally {
    Deno.connect = connect;
  }
  await until(() => ended);
});
