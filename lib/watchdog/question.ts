/**
 * What `getwatchdog` is asked for: the contract's plain lines of one pod, or what users of kubectl expect.
 *
 * @module
 */
import { WrongUse } from "../runtime/failure.ts";

/** How several pods' watchdogs are shown. */
export type Output = "table" | "json" | "csv";

/** Everything that may say what is asked for. */
export interface Asked {
  /** POD, the argument. */
  readonly pod: string | undefined;
  readonly options: {
    readonly namespace?: string;
    readonly selector?: string;
    readonly output?: Output;
    readonly watch?: boolean;
  };
  /** Empty where they are not set. */
  readonly settings: { readonly podNamespace: string; readonly podName: string };
  /** Which of the settings stand on the command line: the environment's yield to whatever does. */
  readonly flagged: ReadonlySet<"podNamespace" | "podName">;
}

/** What is asked for. Without a namespace the credentials' one is meant. */
export type Question =
  | { readonly show: "lines"; readonly namespace: string | undefined; readonly pod: string }
  | {
    readonly show: Output;
    readonly namespace: string | undefined;
    /** All pods where there is none. */
    readonly pod: string | undefined;
    readonly selector: string | undefined;
    readonly watch: boolean;
  };

/**
 * Makes one question of arguments, options and settings.
 *
 * @throws WrongUse where they do not go together
 */
export function questionIn(asked: Asked): Question {
  const { pod, options, settings, flagged } = asked;
  const namespace = namespaceIn(asked);
  const named = flagged.has("podName") && settings.podName !== "";
  if (named) refuseBesideName(asked);
  const more = pod ?? options.namespace ?? options.selector ?? options.output ?? options.watch;
  if (named || (settings.podName !== "" && more === undefined)) {
    return { show: "lines", namespace, pod: settings.podName };
  }
  const { selector, output = "table", watch = false } = options;
  if (pod === "") throw new WrongUse("POD is empty: leave it out for all pods of the namespace.");
  if (pod !== undefined && selector !== undefined) {
    throw new WrongUse("A pod's name and a selector do not go together: leave out POD or -l.");
  }
  if (watch && output !== "table") throw new WrongUse("--watch shows a table: leave out -o.");
  return { show: output, namespace, pod, selector, watch };
}

function namespaceIn({ options, settings, flagged }: Asked): string | undefined {
  const { namespace } = options;
  const { podNamespace } = settings;
  if (namespace && podNamespace && flagged.has("podNamespace") && namespace !== podNamespace) {
    throw new WrongUse(`-n ${namespace} and --Pod:Namespace=${podNamespace} differ: leave out one of them.`);
  }
  return namespace || podNamespace || undefined;
}

/** What `--Pod:Name` prints has one form, which scripts rely on. */
function refuseBesideName({ pod, options }: Asked): void {
  if (pod !== undefined) {
    throw new WrongUse("POD and --Pod:Name both name the pod: leave out one of them.");
  }
  const option = options.selector !== undefined
    ? "-l"
    : options.output !== undefined
    ? "-o"
    : options.watch !== undefined
    ? "--watch"
    : undefined;
  if (option === undefined) return;
  const instead = option === "-l" ? "" : ", or write POD in place of --Pod:Name";
  throw new WrongUse(`--Pod:Name prints plain lines of one pod: leave out ${option}${instead}.`);
}
