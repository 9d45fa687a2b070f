/**
 * The repository's two folders, looked at before anything is written.
 *
 * @module
 */
import { messageOf, WrongUse } from "../../runtime/failure.ts";
import { isWithin, placeOf } from "../place.ts";

/** The settings that name the folders. */
const [archiveSetting, scratchSetting] = ["DataRepo__ArchivePath", "DataRepo__SourcePath"] as const;

/**
 * Makes the store's folder where it is missing. That of the clones is made when it is needed.
 *
 * @throws WrongUse where that cannot be, or one lies in the other: in each what is unknown is deleted
 */
export async function prepareFolders(
  { archive, scratch }: { readonly archive: string; readonly scratch: string },
): Promise<void> {
  const [store, clones] = await Promise.all([
    named(archiveSetting, archive, placeOf),
    named(scratchSetting, scratch, placeOf),
  ]);
  if (isWithin(store, clones) || isWithin(clones, store)) {
    throw new WrongUse(
      `${archiveSetting} is "${archive}" and ${scratchSetting} is "${scratch}": one lies in the other. ` +
        "Name two folders apart from each other.",
    );
  }
  await named(archiveSetting, archive, (folder) => Deno.mkdir(folder, { recursive: true }));
}

async function named<T>(setting: string, folder: string, use: (folder: string) => Promise<T>): Promise<T> {
  try {
    return await use(folder);
  } catch (cause) {
    throw new WrongUse(
      `${setting} is "${folder}", which cannot be used: ${
        messageOf(cause)
      }. Name a folder that can be written to.`,
      { cause },
    );
  }
}
