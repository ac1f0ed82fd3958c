import { leaveByKeys, monaco, plainEditor, wearTokens } from '../kit/monaco.ts';
import 'monaco-editor/languages/definitions/yaml/register.js';
import { configureMonacoYaml, type JSONSchema, type MonacoYaml } from 'monaco-yaml';
// eslint-disable-next-line import/default -- the build makes the worker's class of it
import YamlWorker from 'monaco-yaml/yaml.worker.js?worker';

let yaml: MonacoYaml | undefined;

/**
 * The editor as monaco-yaml knows it: it asks for workers by label, while Monaco since 0.55 takes a worker that was made
 * by the caller. The first message only wakes the worker's script, the second carries its options.
 */
const forYaml = {
  ...monaco,
  editor: {
    ...monaco.editor,
    createWebWorker: ({ createData }: { createData: unknown }) => {
      const worker = new YamlWorker();
      worker.postMessage('ignore');
      worker.postMessage(createData);
      return monaco.editor.createWebWorker({ worker: Promise.resolve(worker) } as never);
    },
  },
};

/** Completion and hover by the document's schema. What is wrong is said by our own validation, with its codes. */
export async function teachSchema(schema: JSONSchema): Promise<void> {
  const options = {
    validate: false,
    completion: true,
    hover: true,
    format: { enable: false },
    enableSchemaRequest: false,
    schemas: [{ uri: 'windlass://schemas/playbook.json', fileMatch: ['*'], schema }],
  };
  if (yaml) await yaml.update(options);
  else yaml = configureMonacoYaml(forYaml as never, options);
}

export { leaveByKeys, monaco, plainEditor, wearTokens };
