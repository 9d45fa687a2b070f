/**
 * A certificate for a server that is its own authority.
 *
 * @module
 */
import { Integer, OctetString, Utf8String } from "asn1js";
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  GeneralName,
  GeneralNames,
} from "pkijs";

/** A certificate and its key, PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const commonName = "2.5.4.3";
const basicConstraints = "2.5.29.19";
const subjectAltName = "2.5.29.17";
/** Which kind of name a GeneralName is (RFC 5280, 4.2.1.6). */
const nameType = { dns: 2, ip: 7 } as const;

/** How long it holds: longer than anybody leaves such a cluster running. */
const lifeMs = 365 * 86_400_000;
/** Clocks differ a little. */
const slackMs = 3_600_000;

/**
 * Makes a certificate for an IPv4 address and `localhost`. It is signed by itself and no authority (CA:FALSE):
 * clients that trust it trust nobody else by that.
 *
 * @param now milliseconds since 1970
 */
export async function selfSigned(address: string, now: number): Promise<KeyPair> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
  const certificate = new Certificate();
  certificate.version = 2;
  // Clients remember certificates by issuer and number: no two clusters' may be the same.
  certificate.serialNumber = new Integer({ value: crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1 });
  const name = new AttributeTypeAndValue({ type: commonName, value: new Utf8String({ value: "autocrane" }) });
  certificate.issuer.typesAndValues.push(name);
  certificate.subject.typesAndValues.push(name);
  certificate.notBefore.value = new Date(now - slackMs);
  certificate.notAfter.value = new Date(now + lifeMs);
  certificate.extensions = [noAuthority(), names(address)];
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  await certificate.sign(keys.privateKey, "SHA-256");
  return {
    cert: pem("CERTIFICATE", certificate.toSchema(true).toBER(false)),
    key: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
  };
}

/** Deno refuses an authority's certificate as a server's. */
function noAuthority(): Extension {
  const value = new BasicConstraints({ cA: false });
  return new Extension({
    extnID: basicConstraints,
    critical: true,
    extnValue: value.toSchema().toBER(false),
    parsedValue: value,
  });
}

function names(address: string): Extension {
  const bytes = Uint8Array.from(address.split("."), Number);
  const value = new GeneralNames({
    names: [
      new GeneralName({ type: nameType.ip, value: new OctetString({ valueHex: bytes.buffer }) }),
      new GeneralName({ type: nameType.dns, value: "localhost" }),
    ],
  });
  return new Extension({ extnID: subjectAltName, critical: false, extnValue: value.toSchema().toBER(false) });
}

function pem(label: string, der: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(der))).replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
}
