/**
 * The HTTP server behind all pods of a measurement: every address of loopback, one port.
 *
 * @module
 */
import { answer } from "../child.ts";

const body = "fine\n";
const server = Deno.serve(
  { hostname: "0.0.0.0", port: 0, onListen: () => {} },
  () => new Response(body),
);
answer(() => ({ port: server.addr.port }));
