// The little of Node.js that activate.ts uses, so that it compiles without @types/node.

declare module "node:fs/promises" {
  export function readFile(path: string, encoding: "utf8"): Promise<string>;
}

declare const process: { readonly argv: readonly string[]; exitCode: number | undefined };
