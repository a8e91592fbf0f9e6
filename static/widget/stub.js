// Asked for without a key: takes it from the tag and fetches the loader with the site's values.
(function () {
  "use strict";
  const found = "script[data-site][src*='/widget.js']";
  const tag = document.currentScript || document.querySelector(found);
  const key = tag && tag.getAttribute("data-site");
  if (!key) {
    console.warn("supportbot: the script tag has no data-site with the site's key.");
    return;
  }
  const script = document.createElement("script");
  script.src = trusted(`${tag.src.split("?")[0]}?key=${encodeURIComponent(key)}`);
  script.async = true;
  script.referrerPolicy = "strict-origin";
  // A policy with nonces or strict-dynamic trusts what a trusted script brings along.
  if (tag.nonce) script.nonce = tag.nonce;
  const language = tag.getAttribute("data-language");
  if (language) script.setAttribute("data-language", language);
  document.head.appendChild(script);

  /** Pages may ask for trusted types; ours is the address that this script itself came from. */
  function trusted(address) {
    try {
      const rules = { createScriptURL: (url) => url };
      return window.trustedTypes.createPolicy("supportbot", rules).createScriptURL(address);
    } catch {
      return address;
    }
  }
})();
