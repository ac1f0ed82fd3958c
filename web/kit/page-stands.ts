/**
 * Two seconds after everything that the page asked for first has come: what is not part of the first picture (toasts,
 * measuring) is fetched then and cannot make it late.
 */
export const whenPageStands = (): Promise<void> =>
  new Promise((resolve) => {
    const wait = () => setTimeout(resolve, 2_000);
    if (document.readyState === 'complete') wait();
    else addEventListener('load', wait, { once: true });
  });
