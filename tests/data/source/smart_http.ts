/**
 * A git server over smart HTTP, by `git http-backend` behind a tiny server that asks for a password.
 *
 * @module
 */

/** A server for the repositories in a folder. */
export interface SmartHttp extends AsyncDisposable {
  readonly host: string;
  /** The methods and paths that were asked for, with the answer's status. */
  readonly requests: string[];
}

/** Why smart HTTP cannot be tested here, if it cannot. */
export function smartHttpMissing(): boolean {
  const { stdout } = new Deno.Command("git", { args: ["--exec-path"] }).outputSync();
  const path = `${new TextDecoder().decode(stdout).trim()}/git-http-backend`;
  try {
    return !Deno.statSync(path).isFile;
  } catch {
    return true;
  }
}

/** Serves `root`; who does not know user and password is asked for them. */
export function smartHttp(root: string, login?: { user: string; password: string }): SmartHttp {
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const answer = await respond(request, root, login);
    requests.push(`${request.method} ${new URL(request.url).pathname} ${answer.status}`);
    return answer;
  });
  return {
    host: `127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function respond(
  request: Request,
  root: string,
  login?: { user: string; password: string },
): Promise<Response> {
  const body = new Uint8Array(await request.arrayBuffer());
  if (login && request.headers.get("authorization") !== `Basic ${btoa(`${login.user}:${login.password}`)}`) {
    return new Response("who are you?\n", {
      status: 401,
      headers: { "www-authenticate": 'Basic realm="git"' },
    });
  }
  const { pathname, search } = new URL(request.url);
  const child = new Deno.Command("git", {
    args: ["http-backend"],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH")!,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers.get("content-type") ?? "",
      HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
      GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
      CONTENT_LENGTH: String(body.length),
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(body).then(() => writer.close()).catch(() => {});
  const { stdout } = await child.output();
  await written;
  return fromCgi(stdout);
}

/** An answer as CGI programs print it: headers, an empty line, the body. */
function fromCgi(printed: Uint8Array): Response {
  const text = new TextDecoder("latin1").decode(printed);
  const end = text.indexOf("\r\n\r\n");
  const headers = new Headers();
  let status = 200;
  for (const line of text.slice(0, end).split("\r\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === "status") status = parseInt(value);
    else headers.set(name, value);
  }
  return new Response(printed.slice(end + 4), { status, headers });
}
