package messembed

import (
	"encoding/json"
	"hash/maphash"
	"math"
	"math/bits"
)

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
// row gives; the rest stays unchanged. A password cannot be compared.
func (f *userFields) change(row CreateUserParams) (p UpdateUserParams) {
	if row.ExternalMetadata != nil && hashMetadata(row.ExternalMetadata) != f.hashes[fieldExternal] {
		p.ExternalMetadata = row.ExternalMetadata
	}
	if row.PrivateExternalMetadata != nil && hashMetadata(row.PrivateExternalMetadata) != f.hashes[fieldPrivate] {
		p.PrivateExternalMetadata = row.PrivateExternalMetadata
	}
	if row.BlockStatus != "" && hashText(string(row.BlockStatus)) != f.hashes[fieldBlock] {
		p.BlockStatus = row.BlockStatus
	}
	if !row.Profile.IsZero() {
		p.Profile = f.changeOfProfile(&row.Profile)
	}
	return p
}

func (f *userFields) changeOfProfile(row *Profile) *ProfileUpdate {
	var p ProfileUpdate
	changed := false
	text := func(field int, s string) *string {
		if s == "" || hashText(s) == f.hashes[field] {
			return nil
		}
		changed = true
		return &s
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
		p.Guest, changed = &row.Guest, true
	}
	if !changed {
		return nil
	}
	return &p
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

var hashSeed = maphash.MakeSeed()

// hashText returns the hash of a text, 0 only for the empty one.
func hashText(s string) uint64 {
	if s == "" {
		return 0
	}
	return max(1, maphash.String(hashSeed, s))
}

// hashEmails hashes the addresses in their order and whether each is verified.
func hashEmails(emails []Email) uint64 {
	hash := uint64(0)
	for _, email := range emails {
		hash = mix(hash+1, maphash.String(hashSeed, email.Address))
		if email.Verified {
			hash++
		}
	}
	return nonZero(hash, len(emails))
}

// hashRoles hashes the roles, whatever their order.
func hashRoles(roles []string) uint64 {
	hash := uint64(0)
	for _, role := range roles {
		hash += maphash.String(hashSeed, role)
	}
	return nonZero(hash, len(roles))
}

// hashMetadata returns the same hash for two metadata that are the same to a
// service that stores numbers as JavaScript does, and 0 only for empty ones.
func hashMetadata(m Metadata) uint64 {
	return nonZero(hashObject(m), len(m))
}

func nonZero(hash uint64, length int) uint64 {
	if length == 0 {
		return 0
	}
	return max(1, hash)
}

func hashObject(m map[string]any) uint64 {
	hash := uint64(kindObject)
	for key, value := range m {
		hash += mix(maphash.String(hashSeed, key), hashJSON(value)) // whatever their order
	}
	return hash
}

// The kinds of JSON values, so that none hashes like one of another kind.
const (
	kindNull = iota + 0x9e3779b9
	kindBool
	kindNumber
	kindText
	kindArray
	kindObject
)

func hashJSON(value any) uint64 {
	switch v := value.(type) {
	case nil:
		return kindNull
	case bool:
		if v {
			return mix(kindBool, 2)
		}
		return mix(kindBool, 1)
	case string:
		return mix(kindText, maphash.String(hashSeed, v))
	case float64:
		return mix(kindNumber, math.Float64bits(v+0)) // -0 is 0
	case int:
		return mix(kindNumber, math.Float64bits(float64(v)))
	case int64:
		return mix(kindNumber, math.Float64bits(float64(v)))
	case []any:
		if v == nil {
			return kindNull
		}
		hash := uint64(kindArray)
		for _, element := range v {
			hash = mix(hash+1, hashJSON(element))
		}
		return hash
	case map[string]any:
		if v == nil {
			return kindNull
		}
		return hashObject(v)
	}
	data, err := json.Marshal(value)
	if err != nil {
		return kindNull // it cannot be sent either
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return kindNull
	}
	return hashJSON(plain)
}

// mix combines two hashes, in this order.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1b54a32d192ed03)
	return high ^ low
}
