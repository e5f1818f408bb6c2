package messembed

// userFields are the hashes of what a user holds of each field that a row can
// give, by which a row is compared with what is stored. A field that is empty
// is missing. The hashes are worth something in this process only.
type userFields struct {
	given  uint16 // a bit for each field that is not empty
	hashes [numFields]uint64
}

// The fields, in the order of their bits.
const (
	fieldExternal = iota
	fieldPrivate
	fieldBlock
	fieldUsername
	fieldDisplayName
	fieldAvatarURL
	fieldPhone
	fieldLocale
	fieldEmails
	fieldRoles
	fieldGuest
	numFields
)

// fieldsOf returns the fields of a stored user.
func fieldsOf(u *User) (f userFields) {
	f.set(fieldExternal, hashMetadata(u.ExternalMetadata))
	f.set(fieldPrivate, hashMetadata(u.PrivateExternalMetadata))
	f.set(fieldBlock, hashText(string(u.BlockStatus)))
	f.setProfile(&u.Profile)
	return f
}

func (f *userFields) setProfile(p *Profile) {
	f.set(fieldUsername, hashText(p.Username))
	f.set(fieldDisplayName, hashText(p.DisplayName))
	f.set(fieldAvatarURL, hashText(p.AvatarURL))
	f.set(fieldPhone, hashText(p.Phone))
	f.set(fieldLocale, hashText(p.Locale))
	f.set(fieldEmails, hashEmails(p.Emails))
	f.set(fieldRoles, hashRoles(p.Roles))
	if p.Guest {
		f.set(fieldGuest, 1)
	}
}

// set sets a field; 0 means empty.
func (f *userFields) set(field int, hash uint64) {
	f.hashes[field] = hash
	if hash == 0 {
		f.given &^= 1 << field
	} else {
		f.given |= 1 << field
	}
}

// change returns the update that makes a user with these fields hold what the
// row gives, and whether there is anything to update; the rest stays unchanged. A
// password cannot be compared.
func (f *userFields) change(row *CreateUserParams) (p UpdateUserParams, needed bool) {
	if row.ExternalMetadata != nil && hashMetadata(row.ExternalMetadata) != f.hashes[fieldExternal] {
		p.ExternalMetadata, needed = row.ExternalMetadata, true
	}
	if row.PrivateExternalMetadata != nil && hashMetadata(row.PrivateExternalMetadata) != f.hashes[fieldPrivate] {
		p.PrivateExternalMetadata, needed = row.PrivateExternalMetadata, true
	}
	if row.BlockStatus != "" && hashText(string(row.BlockStatus)) != f.hashes[fieldBlock] {
		p.BlockStatus, needed = row.BlockStatus, true
	}
	p.Profile = f.changeOfProfile(&row.Profile)
	return p, needed || p.Profile != nil
}

// changeOfProfile returns nil if nothing changes; it then allocates nothing.
func (f *userFields) changeOfProfile(row *Profile) *ProfileUpdate {
	var p ProfileUpdate
	changed := false
	text := func(field int, s string) *string {
		if s == "" || hashText(s) == f.hashes[field] {
			return nil
		}
		changed = true
		return new(s)
	}
	p.Username = text(fieldUsername, row.Username)
	p.DisplayName = text(fieldDisplayName, row.DisplayName)
	p.AvatarURL = text(fieldAvatarURL, row.AvatarURL)
	p.Phone = text(fieldPhone, row.Phone)
	p.Locale = text(fieldLocale, row.Locale)
	if row.Emails != nil && hashEmails(row.Emails) != f.hashes[fieldEmails] {
		p.Emails, changed = row.Emails, true
	}
	if row.Roles != nil && hashRoles(row.Roles) != f.hashes[fieldRoles] {
		p.Roles, changed = row.Roles, true
	}
	if row.Guest && f.hashes[fieldGuest] == 0 {
		p.Guest, changed = new(true), true
	}
	if !changed {
		return nil
	}
	return new(p)
}

// apply sets the fields to what a change leaves.
func (f *userFields) apply(p UpdateUserParams) {
	if p.ExternalMetadata != nil {
		f.set(fieldExternal, hashMetadata(p.ExternalMetadata))
	}
	if p.PrivateExternalMetadata != nil {
		f.set(fieldPrivate, hashMetadata(p.PrivateExternalMetadata))
	}
	if p.BlockStatus != "" {
		f.set(fieldBlock, hashText(string(p.BlockStatus)))
	} else if p.RemoveBlockStatus {
		f.set(fieldBlock, 0)
	}
	if p.Profile == nil {
		return
	}
	for field, s := range map[int]*string{
		fieldUsername: p.Profile.Username, fieldDisplayName: p.Profile.DisplayName, fieldAvatarURL: p.Profile.AvatarURL,
		fieldPhone: p.Profile.Phone, fieldLocale: p.Profile.Locale,
	} {
		if s != nil {
			f.set(field, hashText(*s))
		}
	}
	if p.Profile.Emails != nil {
		f.set(fieldEmails, hashEmails(p.Profile.Emails))
	}
	if p.Profile.Roles != nil {
		f.set(fieldRoles, hashRoles(p.Profile.Roles))
	}
	if p.Profile.Guest != nil {
		f.set(fieldGuest, 1)
	}
}
