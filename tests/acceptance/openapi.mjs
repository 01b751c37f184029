// Checks a description of the API with the second of two independent validators.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const root = "target/ci-tools/npm/node_modules";
const require = createRequire(pathToFileURL(`${process.cwd()}/${root}/`));
const { Validator } = await import(pathToFileURL(require.resolve("@seriousme/openapi-schema-validator")));
const result = await new Validator().validate(JSON.parse(await readFile(process.argv[2], "utf8")));
if (!result.valid) {
  console.error(JSON.stringify(result.errors, null, 2));
  process.exit(1);
}
console.log("openapi: valid");
