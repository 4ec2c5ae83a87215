use super::*;

fn nothing(_: &Call) -> Running<'_> {
    Box::pin(async { Err(AdminError::NotFound) })
}

static USERS: Resource = Resource {
    routes: &[
        Route::get("users", nothing),
        Route::get("users/{user}", nothing),
        Route::delete("users/{user}", nothing),
        Route::get("users/count", nothing).without_head(),
        Route::get("users/{user}/groups/{group}", nothing),
    ],
    locator: Some(("users/{user}", nothing)),
    wrong_verb: WrongVerb::MethodNotAllowed,
};
static OTHERS: Resource = Resource {
    routes: &[Route::get("", nothing), Route::get("roles", nothing), Route::get("group-by-path/{*path}", nothing)],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

#[test]
fn finds_operations_by_verb_and_path() {
    let router = Router::new(&[&USERS, &OTHERS]);
    for (verb, path, expected) in [
        ("GET", "", "GET  []"),
        ("GET", "users", "GET users []"),
        ("HEAD", "users", "GET users []"),
        ("GET", "users/count", "GET users/count []"),
        ("GET", "users/7", "GET users/{user} [\"7\"]"),
        ("GET", "users/7/groups/8", "GET users/{user}/groups/{group} [\"7\", \"8\"]"),
        ("GET", "group-by-path/a/b", "GET group-by-path/{*path} [\"a/b\"]"),
        ("DELETE", "users", "nowhere MethodNotAllowed"),
        ("POST", "roles", "nowhere NotFound"),
        ("GET", "nonsense", "nowhere NotFound"),
        ("GET", "users/7/nonsense", "below [\"7\"] NotFound"),
        ("POST", "users/count", "below [\"count\"] MethodNotAllowed"),
        ("HEAD", "users/count", "GET users/{user} [\"count\"]"),
    ] {
        let segments: Vec<String> = path.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect();
        let found = match router.find(verb, &segments) {
            Found::Operation(route, params) => format!("{} {} {params:?}", route.verb, route.pattern),
            Found::Below(_, params, wrong) => format!("below {params:?} {wrong:?}"),
            Found::Nowhere(wrong) => format!("nowhere {wrong:?}"),
        };
        assert_eq!(found, expected, "{verb} {path}");
    }
}
