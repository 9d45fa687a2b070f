import { deepEqual, equal, rejects } from "node:assert/strict";
import { notify, notifyTimeout } from "../../../lib/data/deploy/notify.ts";
import { selfSigned } from "../../../lib/embedded/certificate.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { until } from "../../cluster/support/wait.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { forever } from "./stage.ts";

const address = "127.0.0.1";

/** An application that answers with a status, or never. */
function application(
  answer: (request: Request) => Response | Promise<Response>,
  tls: Partial<Deno.TlsCertifiedKeyPem> = {},
) {
  const asked: string[] = [];
  const options = { hostname: address, port: 0, onListen() {}, ...tls } as Deno.ServeTcpOptions;
  const server = Deno.serve(options, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${search}`);
    return answer(request);
  });
  return {
    asked,
    port: (server.addr as Deno.NetAddr).port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a 2xx answer takes the version", async () => {
  await using app = application(() => new Response("ok", { status: 202 }));
  const target = { scheme: "http", port: app.port, path: "/reload?all=1" } as const;
  await notify({ target, address, clock: systemClock }, forever);
  deepEqual(app.asked, ["POST /reload?all=1"]);
});

for (const status of [301, 404, 500]) {
  Deno.test(`${status} refuses it, and a query is not shown`, async () => {
    await using app = application(() =>
      new Response(null, { status, headers: { location: "http://127.0.0.1:1/" } })
    );
    const target = { scheme: "http", port: app.port, path: "/reload?token=hunter2" } as const;
    const message =
      `The application did not take the new version: POST :${app.port}/reload answered ${status}.`;
    await rejects(notify({ target, address, clock: systemClock }, forever), { fault: "notify", message });
  });
}

Deno.test("nobody who listens refuses it as well", async () => {
  const target = { scheme: "http", port: 1, path: "/" } as const;
  await rejects(notify({ target, address, clock: systemClock }, forever), {
    fault: "notify",
    message: /ECONNREFUSED|refused/,
  });
});

Deno.test("TLS is not verified, as in probes", async () => {
  const { cert, key } = await selfSigned(address, Date.now());
  await using app = application(() => new Response(), { cert, key });
  await notify(
    { target: { scheme: "https", port: app.port, path: "/" }, address, clock: systemClock },
    forever,
  );
  equal(app.asked.length, 1);
});

Deno.test("who does not answer in time has refused, and who calls it off is told so", async () => {
  const end = Promise.withResolvers<Response>();
  const clock = new FakeClock();
  await using app = application(() => end.promise);
  const target = { scheme: "http", port: app.port, path: "/" } as const;
  const told = notify({ target, address, clock }, forever);
  const refused = rejects(told, { fault: "notify", message: /no answer within 10 s/ });
  await until("it is asked", () => app.asked.length === 1);
  await clock.advance(notifyTimeout);
  await refused;
  const stop = new AbortController();
  const again = rejects(notify({ target, address, clock }, stop.signal), { message: "something else" });
  await until("it is asked again", () => app.asked.length === 2);
  stop.abort(new Error("something else"));
  await again;
  end.resolve(new Response());
});
