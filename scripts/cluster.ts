/**
 * `deno task cluster`: a real Kubernetes control plane on this machine, to try things on.
 *
 * `deno task cluster build` only builds its programs, which the tests need as well.
 *
 * @module
 */
import { say } from "./check/say.ts";
import { ensureBinaries } from "./cluster/build.ts";
import { startControlPlane } from "./cluster/control_plane.ts";
import { kubernetes } from "./versions.ts";

/** Runs until somebody asks it to end. */
async function run(folder: string): Promise<void> {
  const asked = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => asked.resolve());
  await using plane = await startControlPlane({ binaries: folder });
  const kubeconfig = await plane.kubeconfig();
  say(`Kubernetes ${kubernetes.version} answers at ${plane.server}. It has no nodes: pods wait for one.`);
  say(`  export KUBECONFIG=${kubeconfig}`);
  say("  kubectl get namespaces");
  say("  deno task autocrane orchestrate --AutoCrane:Namespaces=default");
  say("Ctrl-C ends it and removes everything it made.");
  await asked.promise;
}

const binaries = await ensureBinaries(say);
if ("missing" in binaries) {
  say(`${binaries.missing}. Install Go (https://go.dev/dl) and run this again.`);
  Deno.exit(1);
}
if (Deno.args[0] !== "build") await run(binaries.folder);
Deno.exit(0);
