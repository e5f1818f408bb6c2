package rocketchat

import "github.com/messembed/messembed-go/platform/internal/lossless"

// form is that of every object of the service: all are decoded and encoded
// field by field, including their Rest.
var form lossless.Form

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *User) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v User) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Services) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v Services) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *PasswordService) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v PasswordService) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *EmailService) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v EmailService) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *VerificationToken) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v VerificationToken) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *ResumeService) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v ResumeService) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *LoginToken) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v LoginToken) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *TOTPService) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v TOTPService) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Email2FAService) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v Email2FAService) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *LDAPService) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v LDAPService) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Email) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v Email) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Phone) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v Phone) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *OAuth) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v OAuth) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *E2E) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v E2E) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Settings) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v Settings) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Federation) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v Federation) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Banner) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v Banner) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *PreviousState) UnmarshalJSON(data []byte) error {
	return form.Decode(data, v, &v.came, &v.Extra)
}

// MarshalJSON includes Rest.
func (v PreviousState) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }

// UnmarshalJSON keeps fields that the type does not name in Rest.
func (v *Attribute) UnmarshalJSON(data []byte) error { return form.Decode(data, v, &v.came, &v.Extra) }

// MarshalJSON includes Rest.
func (v Attribute) MarshalJSON() ([]byte, error) { return form.Encode(v, v.came, v.Extra) }
