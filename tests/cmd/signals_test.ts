import { deepEqual, equal } from "node:assert/strict";
import { command, kubeconfig } from "./run.ts";

/** An API server that answers the first `answers` requests with a pod, and then falls silent. */
function silentServer(answers: number) {
  const silent = Promise.withResolvers<void>();
  const end = new AbortController();
  const ended = new Promise<Response>((resolve) => {
    end.signal.addEventListener("abort", () => resolve(new Response()));
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    if (answers-- > 0) return Response.json({ metadata: { name: "web", uid: "1", resourceVersion: "1" } });
    silent.resolve();
    return ended;
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}`,
    silent: silent.promise,
    async [Symbol.asyncDispose]() {
      end.abort();
      await server.shutdown();
    },
  };
}

const post = ["postwatchdog", "--Pod:Name=web", "--Watchdog:Name=disk"];
const calls: [string, string[], number][] = [
  ["getwatchdog that lists", ["getwatchdog"], 0],
  ["getwatchdog that reads one pod", ["getwatchdog", "web"], 0],
  ["getwatchdog that prints plain lines", ["getwatchdog", "--Pod:Name=web"], 0],
  ["postwatchdog that reads", post, 0],
  ["postwatchdog that writes", post, 1],
];

for (const [what, args, answers] of calls) {
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.test(`the first ${name} ends a ${what}, with 1 as it is not done`, async () => {
      await using server = silentServer(answers);
      const file = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(file, kubeconfig(server.address));
        const child = command([...args, "--kubeconfig", file]).spawn();
        const output = child.output();
        await server.silent;
        child.kill(name);
        const { code, stdout, stderr } = await output;
        deepEqual([code, stdout.length], [1, 0]);
        equal(new TextDecoder().decode(stderr), `autocrane ${args[0]}: asked to end\n`);
      } finally {
        await Deno.remove(file);
      }
    });
  }
}
