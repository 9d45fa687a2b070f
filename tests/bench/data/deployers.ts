/**
 * Many deployers in one process: whoever POSTs a pod's settings has its deployer run until the process ends.
 *
 * @module
 */
import { deploy } from "../../../cmd/deploying.ts";
import type { DeployerSettings } from "../../cluster/support/data_node.ts";
import { silentLog as log } from "../../support/silent_log.ts";

const { signal } = new AbortController();

/** A deployer that ends early ends the process, and the measurement with it. */
function run(settings: DeployerSettings): void {
  const started = deploy(
    "datadeploy",
    {
      annotationsFile: settings.Pod__AnnotationsFile,
      podNamespace: "",
      podName: "",
      storeLocation: settings.Store__Location,
      listenPort: Number(settings.LISTEN_PORT),
      listenHost: settings.LISTEN_HOST,
    },
    {},
    { log, signal, tell: true },
  );
  started.catch((error) => {
    queueMicrotask(() => {
      throw error;
    });
  });
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => void Deno.stdout.writeSync(new TextEncoder().encode(`ready ${port}\n`)),
}, async (request) => {
  run(await request.json());
  return new Response();
});
