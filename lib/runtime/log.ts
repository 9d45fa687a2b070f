/**
 * Logging: a constant message and fields, as text for people or JSON for machines, on standard error.
 *
 * @module
 */
import { configureSync, getLogger, type LogRecord, type Sink } from "@logtape/logtape";
import { escaped } from "./escape.ts";
import { writeErr } from "./output.ts";

/** Values that a log line carries beside its message. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where a part of a program writes its log lines. The message is constant; what varies is in the fields. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** How lines look. */
export type LogFormat = "text" | "json";
/** The least severe lines that are written. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** One line of text: time, level, message, then `field=value`, quoted where it holds more than a word. */
export function formatText(
  record: Pick<LogRecord, "timestamp" | "level" | "rawMessage" | "properties">,
): string {
  const fields = Object.entries(record.properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${quoted(String(value))}`);
  const time = new Date(record.timestamp).toISOString();
  return `${time} ${record.level.toUpperCase().padEnd(7)} ${String(record.rawMessage)}${fields.join("")}\n`;
}

function quoted(value: string): string {
  if (/^[^\s"=\\\p{C}]+$/u.test(value)) return value;
  // JSON leaves some characters that steer a terminal or break a line as they are.
  return escaped(JSON.stringify(value));
}

/** One line of JSON: `time`, `level`, `message` and the fields. A field of one of those names loses. */
export function formatJson(
  record: Pick<LogRecord, "timestamp" | "level" | "rawMessage" | "properties">,
): string {
  return escaped(JSON.stringify({
    ...record.properties,
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    message: String(record.rawMessage),
  })) + "\n";
}

/** How a process logs. */
export interface LogOptions {
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Fields that every line carries, before its own. */
  readonly fields?: Fields;
  /** Takes the records in place of standard error. */
  readonly sink?: Sink;
}

/** Starts logging for this process and returns its log. Called once, by the program's entry. */
export function startLog({ format, level, fields: fixed, sink }: LogOptions): Log {
  const toLine = format === "json" ? formatJson : formatText;
  const write: Sink = sink ?? ((record) => writeErr(toLine(record)));
  configureSync({
    reset: true,
    sinks: { main: (record) => write({ ...record, properties: { ...fixed, ...record.properties } }) },
    loggers: [
      { category: "autocrane", sinks: ["main"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: ["main"], lowestLevel: "warning" },
    ],
  });
  const logger = getLogger("autocrane");
  return {
    debug: (message, fields) => logger.debug(literal(message), fields ?? {}),
    info: (message, fields) => logger.info(literal(message), fields ?? {}),
    warn: (message, fields) => logger.warn(literal(message), fields ?? {}),
    error: (message, fields) => logger.error(literal(message), fields ?? {}),
  };
}

/** Our messages are constants, not templates: a brace in one is a brace. */
function literal(message: string): string {
  return message.replaceAll("{", "{{").replaceAll("}", "}}");
}
