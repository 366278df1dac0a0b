/** What `site-config` tells of the configuration beside the name of the server. */
export type SiteConfig = {
  password_login_enabled: boolean;
  password_registration_enabled: boolean;
  password_registration_email_required: boolean;
  password_registration_token_required: boolean;
  registration_token_required: boolean;
  email_change_allowed: boolean;
  displayname_change_allowed: boolean;
  password_change_allowed: boolean;
  account_recovery_allowed: boolean;
  account_deactivation_allowed: boolean;
  captcha_enabled: boolean;
  minimum_password_complexity: number;
};

/** MAS's defaults, but for passwords: people sign in upstream. */
export function defaultSite(): SiteConfig {
  return {
    password_login_enabled: false,
    password_registration_enabled: false,
    password_registration_email_required: true,
    password_registration_token_required: false,
    registration_token_required: false,
    email_change_allowed: true,
    displayname_change_allowed: true,
    password_change_allowed: false,
    account_recovery_allowed: false,
    account_deactivation_allowed: true,
    captcha_enabled: false,
    minimum_password_complexity: 3,
  };
}
