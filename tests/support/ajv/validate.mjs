// Reads one line with every schema by name, then one line a message: {"name", "text"}. Answers each with the pointers of
// what breaks the schema, as a JSON array; null when the text is not JSON.
import { createInterface } from "node:readline";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
addFormats.default(ajv);
let compiled;

// ajv also tells why each branch of a condition failed, and that an `if` led to a failure that it has told of already.
const isOutermost = (error) => !/\/anyOf\/\d+\//.test(error.schemaPath) && error.keyword !== "if";

// A member that the schema has no place for is a place of its own.
const escaped = (name) => name.replaceAll("~", "~0").replaceAll("/", "~1");
const place = ({ instancePath, params }) =>
  params.additionalProperty === undefined ? instancePath : `${instancePath}/${escaped(params.additionalProperty)}`;

for await (const line of createInterface({ input: process.stdin })) {
  if (compiled === undefined) {
    compiled = Object.fromEntries(Object.entries(JSON.parse(line)).map(([name, schema]) => [name, ajv.compile(schema)]));
    console.log(JSON.stringify("ready"));
    continue;
  }
  const { name, text } = JSON.parse(line);
  const validate = compiled[name];
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    console.log("null");
    continue;
  }
  console.log(JSON.stringify(validate(value) ? [] : validate.errors.filter(isOutermost).map(place)));
}
