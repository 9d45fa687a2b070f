/**
 * Quantities: amounts of processor time and memory as manifests write them.
 *
 * @module
 */

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Reads a quantity (apimachinery's resource.Quantity): `500m`, `1.5`, `64Mi`, `1e3`.
 *
 * @throws SyntaxError where it is none
 */
export function parseQuantity(text: string): number {
  const [, number, exponent, suffix = ""] =
    /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/.exec(text) ?? [];
  if (number === undefined) {
    throw new SyntaxError(`${JSON.stringify(text)} is no quantity: expected for instance 64Mi`);
  }
  return exponent === undefined ? Number(number) * suffixes[suffix]! : Number(`${number}e${exponent}`);
}
