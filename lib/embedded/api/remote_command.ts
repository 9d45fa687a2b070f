/**
 * Commands in containers (`kubectl exec`, `attach`, `cp`): refused so that people are told why.
 *
 * kubectl shows no answer to a refused upgrade of its connection. So the connection is upgraded, and the words are
 * said on the channel on which a command's end is told (KEP-4006: WebSockets in place of SPDY).
 *
 * @module
 */

/** The subresources that run something in a container. */
export const commands: readonly string[] = ["exec", "attach"];

/** What the channel for errors begins each message with. */
const errorChannel = 3;

/** Upgrades a connection only to say why nothing is run; `undefined` where the request asks for no upgrade. */
export function refusedCommand(request: Request, why: object): Response | undefined {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return undefined;
  const [protocol = ""] = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: protocol.trim() });
  socket.onopen = () => {
    socket.send(new Uint8Array([errorChannel, ...new TextEncoder().encode(JSON.stringify(why))]));
    socket.close(1000);
  };
  return response;
}
