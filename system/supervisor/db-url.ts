// `npm run -s db-url`: the owner's URL of this installation's database, for psql and backups.
import { loadConfig } from '../config.ts';
import { knownUrls } from '../embedded/postgres-secrets.ts';
import { StartFailure } from '../start-failure.ts';

try {
  const config = loadConfig();
  const url = config.databaseUrl?.reveal() ?? knownUrls(config.home)?.owner;
  if (!url) throw new StartFailure(`${config.home} holds no database yet: npm start makes it.`);
  console.log(url);
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error);
  process.exitCode = 1;
}
