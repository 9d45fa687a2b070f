/**
 * Running `autocrane` as users do: in a process of its own, with nothing but the given environment.
 *
 * @module
 */

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a process needs to run at all, whatever the test is about. */
const needed = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"];

/** The command `autocrane ARGS`, or another program of cmd/. */
export function command(
  args: readonly string[],
  { env = {}, program = "autocrane" }: { env?: Record<string, string>; program?: string } = {},
): Deno.Command {
  const script = new URL(`../../cmd/${program}.ts`, import.meta.url).pathname;
  const kept = needed.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", script, ...args],
    clearEnv: true,
    env: { NO_COLOR: "1", ...Object.fromEntries(kept), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs `autocrane ARGS` to its end. */
export async function autocrane(...[args, more]: Parameters<typeof command>): Promise<Ended> {
  const { code, stdout, stderr } = await command(args, more).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A kubeconfig for one server over plain HTTP. */
export function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    clusters: [{ name: "here", cluster: { server } }],
    contexts: [{ name: "here", context: { cluster: "here", user: "me", namespace: "shop" } }],
    users: [{ name: "me", user: {} }],
  });
}
