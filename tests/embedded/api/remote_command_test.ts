import { deepEqual, equal } from "node:assert/strict";
import { refusedCommand } from "../../../lib/embedded/api/remote_command.ts";

const why = { kind: "Status", status: "Failure", message: "not here" };

Deno.test("a command's refusal is said on its channel for errors, and the connection ends well", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => refusedCommand(request, why)!,
  );
  const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/exec`, "v5.channel.k8s.io");
  socket.binaryType = "arraybuffer";
  const said = new Promise<Uint8Array>((resolve) => {
    socket.onmessage = ({ data }) => resolve(new Uint8Array(data));
  });
  const closed = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
  const [channel, ...text] = await said;
  equal(channel, 3);
  deepEqual(JSON.parse(new TextDecoder().decode(new Uint8Array(text))), why);
  equal(socket.protocol, "v5.channel.k8s.io");
  equal(await closed, 1000);
  await server.shutdown();
});

Deno.test("who asks for no upgrade is left to others", () => {
  equal(refusedCommand(new Request("http://x/exec", { method: "POST" }), why), undefined);
});
