/**
 * Containers that are small shell scripts.
 *
 * @module
 */
import type { Container } from "../../../../k8s/core_v1.ts";

/** A container that runs a script. */
export function script(name: string, text: string, more: Partial<Container> = {}): Container {
  return { name, image: "sh", args: ["-c", text], ...more };
}

/** A container that goes on until it is told to end, which it does at once. */
export function staying(name: string, more: Partial<Container> = {}): Container {
  return script(name, "exec sleep 600", more);
}

/** A program that answers 200 on the pod's port 8080, and 500 while there is a file `bad`. */
export const server: string = `
Deno.serve({ hostname: Deno.env.get("POD_IP"), port: 8080 }, () => {
  const bad = [...Deno.readDirSync(Deno.env.get("HOME"))].some(({ name }) => name === "bad");
  return new Response(bad ? "bad" : "good", { status: bad ? 500 : 200 });
});
`;

/** The pod's address as a variable. */
export const podIP = { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } };

/** Whether a process runs; one that nobody has waited for yet does not. */
export function alive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
