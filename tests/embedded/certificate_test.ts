import { equal, rejects } from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { selfSigned } from "../../lib/embedded/certificate.ts";

Deno.test("a server with the certificate is trusted by who was given it, and by nobody else", async () => {
  const hostname = "127.0.0.1";
  const { cert, key } = await selfSigned(hostname, Date.now());
  const server = Deno.serve({ hostname, port: 0, cert, key, onListen() {} }, () => new Response("here"));
  const url = `https://${hostname}:${server.addr.port}/`;
  try {
    using knowing = Deno.createHttpClient({ caCerts: [cert] });
    equal(await (await fetch(url, { client: knowing })).text(), "here");
    using other = Deno.createHttpClient({ caCerts: [(await selfSigned(hostname, Date.now())).cert] });
    await rejects(fetch(url, { client: other }));
  } finally {
    await server.shutdown();
  }
});

Deno.test("the certificate is for its address and no authority", async () => {
  const now = Date.UTC(2026, 0, 31);
  const certificate = new X509Certificate((await selfSigned("127.3.4.1", now)).cert);
  equal(certificate.ca, false);
  equal(certificate.subjectAltName, "IP Address:127.3.4.1, DNS:localhost");
  equal(Date.parse(certificate.validFrom) < now, true);
  equal(Date.parse(certificate.validTo) > now + 300 * 86_400_000, true);
});
