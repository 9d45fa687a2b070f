import { equal } from "node:assert/strict";
import { Crc64 } from "../../../lib/data/version/crc64.ts";

const hexOf = (...parts: readonly string[]) => {
  const crc = new Crc64();
  for (const part of parts) crc.update(new TextEncoder().encode(part));
  return crc.digest().toHex();
};

Deno.test("the checksum is that of the catalogue of CRCs, CRC-64/GO-ISO", () => {
  equal(hexOf("123456789"), "b90956c775a41001");
  equal(hexOf(""), "0000000000000000");
});

Deno.test("a checksum does not depend on how the bytes come", () => {
  equal(hexOf("1234", "", "56789"), hexOf("123456789"));
});
