//! Whether this process runs in a container.

/// Whether the network is the process's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contained {
    /// Only what the operator publishes is reachable: listening on every address is safe, and needed.
    Yes,
    /// A machine with neighbours.
    No,
}

impl Contained {
    /// Believes what the image says, as Keycloak does (docs/decisions/listen-address.md): guesses by marks of container
    /// engines would also hit a developer's shell in a container that shares the network of its machine.
    pub(crate) fn detect(environment: &[(String, String)]) -> Self {
        let told = environment.iter().any(|(name, value)| name == "KC_RUN_IN_CONTAINER" && value == "true");
        if told { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_what_the_image_says() {
        let told = [("KC_RUN_IN_CONTAINER".to_owned(), "true".to_owned())];
        assert_eq!(Contained::detect(&told), Contained::Yes);
        assert_eq!(Contained::detect(&[]), Contained::No);
    }
}
