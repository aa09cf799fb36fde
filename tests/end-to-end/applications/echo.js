// What comes in goes out, in upper case.
import { Transform } from "node:stream";

process.stdin
  .pipe(
    new Transform({
      transform: function shout(text, _encoding, callback) {
        callback(null, String(text).toUpperCase());
      },
    }),
  )
  .pipe(process.stdout);
