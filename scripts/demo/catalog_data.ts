/**
 * The data of the demo's application, release by release.
 *
 * @module
 */

/** How many pages a release has. */
export const pages = 20;

/** The files of a release, by their paths. */
export function filesOf(release: string, prices: Readonly<Record<string, number>>): Map<string, string> {
  const files = new Map([["prices.json", `${JSON.stringify(prices)}\n`]]);
  for (let page = 0; page < pages; page++) {
    files.set(`pages/${page}.txt`, `${release}\n${`page ${page} `.repeat(100)}\nend\n`);
  }
  return files;
}
