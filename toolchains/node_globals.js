// Debug builds only: emscripten's ES module glue expects these CommonJS names in Node.
const __dirname = ".", require = (id) => globalThis.process.getBuiltinModule(id);
