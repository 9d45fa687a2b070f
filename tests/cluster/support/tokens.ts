/**
 * Tokens of service accounts, signed as the API server signs them, that last as long as a test wants.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createSign } from "node:crypto";
import { join } from "node:path";
import type { ControlPlane } from "../../../scripts/cluster/control_plane.ts";
import type { ServiceAccount } from "../../../k8s/core_v1.ts";

const issuer = "https://kubernetes.default.svc";

/** A token for a service account; it ends after so many seconds. */
export async function tokenFor(
  plane: ControlPlane,
  { metadata }: ServiceAccount,
  seconds: number = 3600,
): Promise<string> {
  const { namespace, name, uid } = metadata!;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: [issuer],
    sub: `system:serviceaccount:${namespace}:${name}`,
    iat: now,
    nbf: now,
    exp: now + seconds,
    "kubernetes.io": { namespace, serviceaccount: { name, uid } },
  };
  const signed = `${encoded({ alg: "RS256", typ: "JWT" })}.${encoded(claims)}`;
  const key = await Deno.readTextFile(join(plane.folder, "sa.key"));
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
