/**
 * Does what may fail where somebody else's code keeps files of ours from being loaded, or freezes what is to be replaced.
 *
 * @param onFailed - tells what is lost by that
 * @returns null where it fails
 */
export function guarded<Made>(act: () => Made, onFailed: () => void): Made | null {
  try {
    return act();
  } catch {
    onFailed();
    return null;
  }
}
