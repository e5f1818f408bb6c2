package messembed

// feature returns the call's platform as one that has the feature whose
// interface F is, or ErrUnsupported.
func feature[F any](call *Call) (F, error) {
	p, ok := call.client.platform.(F)
	if !ok {
		return p, call.Unsupported("")
	}
	return p, nil
}

func implements[F any](p Platform) bool {
	_, ok := p.(F)
	return ok
}

// supports reports whether the platform has a feature.
func supports(p Platform, f Feature) bool {
	if narrower, ok := p.(PlatformSupports); ok && !narrower.Supports(f) {
		return false
	}
	switch f {
	case FeatureDeleteUser:
		return true // every Platform has DeleteUser
	case FeatureBlockUser:
		return implements[PlatformBlocking](p)
	case FeatureAccessTokens:
		return implements[PlatformTokens](p)
	case FeatureUserPictures:
		return implements[PlatformPictures](p)
	case FeaturePresence:
		return implements[PlatformPresence](p)
	case FeatureChats:
		return implements[PlatformChats](p)
	case FeatureMessageEvents:
		return implements[PlatformEvents](p)
	}
	return false
}
