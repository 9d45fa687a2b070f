/**
 * An ssh server on loopback that lets one key in and runs git for it. It needs root, to have a private mount
 * namespace in which the user that sshd wants exists.
 *
 * @module
 */
import { until } from "../../cluster/support/wait.ts";
import type { Upstream } from "./upstream.ts";

/** Where a program is, on the path or where Debian has servers. */
function find(program: string): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  return folders.map((folder) => `${folder}/${program}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** Why ssh cannot be tested here: no sshd, no ssh-keygen, or not root. */
export const sshMissing: boolean = !find("sshd") || !find("ssh-keygen") || Deno.uid() !== 0;

/** A server that runs, and the files that a client needs. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** A private key that is let in, one that is not, and known hosts: the right ones, and of another key. */
  readonly files: Readonly<Record<"key" | "otherKey" | "knownHosts" | "otherHosts", string>>;
}

const namespace = `
mount --make-rprivate /
printf 'sshd:x:65533:65534::/run/sshd:/bin/false\\n' | cat /etc/passwd - >"$1/passwd"
mount --bind "$1/passwd" /etc/passwd
mount -t tmpfs none /run && mkdir -p /run/sshd
exec "$2" -D -e -f "$1/config"
`;

/** Starts a server whose files are in the upstream's folder. */
export async function sshd(upstream: Upstream): Promise<Sshd> {
  const folder = `${upstream.root}/ssh`;
  await Deno.mkdir(folder, { mode: 0o700 });
  for (const name of ["host", "otherHost", "key", "otherKey"]) {
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${folder}/${name}`);
  }
  const port = freePort();
  const address = `[127.0.0.1]:${port}`;
  const publicKey = async (name: string) => (await Deno.readTextFile(`${folder}/${name}.pub`)).trim();
  await Deno.writeTextFile(`${folder}/knownHosts`, `${address} ${await publicKey("host")}\n`);
  await Deno.writeTextFile(`${folder}/otherHosts`, `${address} ${await publicKey("otherHost")}\n`);
  await Deno.writeTextFile(`${folder}/config`, configOf(folder, port));
  const child = new Deno.Command("unshare", {
    args: ["-m", "sh", "-ec", namespace, "sh", folder, find("sshd")!],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until("sshd listens", async () => {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  });
  const file = (name: string) => `${folder}/${name}`;
  return {
    port,
    files: {
      key: file("key"),
      otherKey: file("otherKey"),
      knownHosts: file("knownHosts"),
      otherHosts: file("otherHosts"),
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

function configOf(folder: string, port: number): string {
  return [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${folder}/host`,
    `PidFile none`,
    `AuthorizedKeysFile ${folder}/key.pub`,
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "",
  ].join("\n");
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}
