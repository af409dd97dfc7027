// Passkeys. The server says what to ask for, the browser asks its owner, and the answer goes with an ordinary form, so that what comes of it is
// an ordinary page. A browser that knows no passkeys shows none of it.

interface Descriptor {
  id: string;
  type: PublicKeyCredentialType;
  transports?: AuthenticatorTransport[];
}

/** Asked is what the server sends (WebAuthn, 5.1.8 and 5.1.9): bytes are written in base64url. */
interface Asked {
  publicKey: {
    challenge: string;
    user?: { id: string; name: string; displayName: string };
    excludeCredentials?: Descriptor[];
    allowCredentials?: Descriptor[];
  };
}

/** toBytes reads base64url. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
}

/** toText writes base64url. */
export function toText(bytes: ArrayBuffer): string {
  return btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

function described(list: Descriptor[] = []): PublicKeyCredentialDescriptor[] {
  return list.map((one) => ({ ...one, id: toBytes(one.id) }));
}

/** answerOf asks the browser's owner, and writes down what their passkey says. */
async function answerOf(asked: Asked, make: boolean): Promise<string> {
  const { publicKey } = asked;
  const challenge = toBytes(publicKey.challenge);
  const credential = make
    ? await navigator.credentials.create({
        publicKey: {
          ...(publicKey as unknown as PublicKeyCredentialCreationOptions),
          challenge,
          user: { name: "", displayName: "", ...publicKey.user, id: toBytes(publicKey.user?.id ?? "") },
          excludeCredentials: described(publicKey.excludeCredentials),
        },
      })
    : await navigator.credentials.get({ publicKey: { ...publicKey, challenge, allowCredentials: described(publicKey.allowCredentials) } });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no passkey");
  const response: Record<string, unknown> = { clientDataJSON: toText(credential.response.clientDataJSON) };
  if (credential.response instanceof AuthenticatorAttestationResponse) {
    response.attestationObject = toText(credential.response.attestationObject);
    response.transports = credential.response.getTransports?.() ?? [];
  } else if (credential.response instanceof AuthenticatorAssertionResponse) {
    response.authenticatorData = toText(credential.response.authenticatorData);
    response.signature = toText(credential.response.signature);
    if (credential.response.userHandle) response.userHandle = toText(credential.response.userHandle);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response, clientExtensionResults: {} });
}

/** problemOf is which sentence of a form says what went wrong, by the name of the browser's error. */
export function problemOf(name: string): "cancelled" | "twice" | "elsewhere" | "failed" {
  switch (name) {
    case "NotAllowedError": // also when nobody did anything for a while
    case "AbortError":
      return "cancelled";
    case "InvalidStateError":
      return "twice";
    case "SecurityError":
      return "elsewhere";
  }
  return "failed";
}

async function send(form: HTMLFormElement): Promise<void> {
  const name = form.querySelector<HTMLInputElement>("input[name=name]");
  const body = new URLSearchParams(name ? { name: name.value } : {});
  const answer = await fetch(form.dataset.ask ?? "", { method: "POST", body, headers: { Accept: "application/json" } });
  const field = form.querySelector<HTMLInputElement>("[data-answer]");
  // What was refused is said by the page that the form leads to: who has to show again who they are, or has waited for too long.
  if (field) field.value = answer.ok ? await answerOf((await answer.json()) as Asked, form.dataset.passkey === "make") : "";
  HTMLFormElement.prototype.submit.call(form); // a field that travels along may be called "submit"
}

/** forgetRefusal takes away what the server said about a form that is sent once more, because the answer may come without a new page. */
function forgetRefusal(form: HTMLFormElement): void {
  for (const wrong of form.querySelectorAll(".wrong")) wrong.classList.remove("wrong");
  for (const error of form.querySelectorAll(".field .error")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

/** watchPasskeys shows what has to do with passkeys where the browser knows them. */
export function watchPasskeys(): void {
  if (!("PublicKeyCredential" in window) || !("credentials" in navigator)) return;
  for (const shown of document.querySelectorAll<HTMLElement>("[data-with-passkeys], [data-passkey]")) shown.hidden = false;
  for (const gone of document.querySelectorAll<HTMLElement>("[data-without-passkeys]")) gone.hidden = true;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    const button = form.querySelector("button");
    const problem = form.querySelector<HTMLElement>("[data-problem]");
    const say = (sentence: string) => {
      if (!problem) return;
      problem.textContent = sentence;
      problem.hidden = sentence === "";
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (button?.getAttribute("aria-busy")) return;
      button?.setAttribute("aria-busy", "true");
      say("");
      forgetRefusal(form);
      send(form).catch((error: unknown) => {
        button?.removeAttribute("aria-busy");
        say(form.dataset[problemOf(error instanceof Error ? error.name : "")] ?? "");
      });
    });
    window.addEventListener("pageshow", () => button?.removeAttribute("aria-busy"));
  }
}
