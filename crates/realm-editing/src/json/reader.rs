use serde_json::{Map, Number, Value};

use super::JsonError;
use super::shape::{Representation, Shape, Unknown};

/// Nested values at the most: deeper ones are an attack on the stack.
const DEEPEST: usize = 200;
/// Characters of an unknown member's name that are given back.
const LONGEST_NAME: usize = 100;

/// Reads the first value of `text`; what follows it is not looked at.
///
/// # Errors
/// See [`JsonError`]: the first that is met, in the order of the text.
pub fn read(text: &[u8], shape: &Shape) -> Result<Value, JsonError> {
    let mut reader = Reader { text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text), at: 0, depth: 0 };
    reader.skip_blanks();
    if reader.peek().is_none() {
        return Err(JsonError::Absent);
    }
    match reader.value(shape)? {
        Value::Null => Err(JsonError::Absent),
        value => Ok(value),
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
}

/// Reads the value of a member; `None`: it is left out.
type ReadMember<'m, R> = &'m mut dyn FnMut(&mut R, &str) -> Result<Option<Value>, JsonError>;

/// The first token of a value.
enum Token {
    Open,
    OpenList,
    Quote,
    Literal(Value),
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        self.skip_blanks();
        if self.next() == Some(byte) { Ok(()) } else { Err(JsonError::NotJson) }
    }

    /// Takes `byte` where it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Line and column of the place reached, from 1.
    fn place(&self) -> (usize, usize) {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        (line, column)
    }

    fn token(&mut self) -> Result<Token, JsonError> {
        self.skip_blanks();
        match self.next().ok_or(JsonError::NotJson)? {
            b'{' => Ok(Token::Open),
            b'[' => Ok(Token::OpenList),
            b'"' => Ok(Token::Quote),
            _ => {
                self.at -= 1;
                self.literal().map(Token::Literal)
            }
        }
    }

    fn literal(&mut self) -> Result<Value, JsonError> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')) {
            self.at += 1;
        }
        let word = self.text.get(from..self.at).unwrap_or_default();
        match word {
            b"null" | b"true" | b"false" => {}
            [b'-' | b'0'..=b'9', ..] => {}
            _ => return Err(JsonError::NotJson),
        }
        serde_json::from_slice(word).map_err(|_| JsonError::NotJson)
    }

    /// The rest of a text, its quote read.
    fn text(&mut self) -> Result<String, JsonError> {
        let from = self.at.saturating_sub(1);
        loop {
            match self.next().ok_or(JsonError::NotJson)? {
                b'"' => break,
                b'\\' => drop(self.next()),
                _ => {}
            }
        }
        let raw = self.text.get(from..self.at).unwrap_or_default();
        serde_json::from_slice(raw).map_err(|_| JsonError::NotJson)
    }

    fn value(&mut self, shape: &Shape) -> Result<Value, JsonError> {
        let token = self.token()?;
        self.rest(token, shape)
    }

    /// The rest of a value whose first token is read.
    fn rest(&mut self, token: Token, shape: &Shape) -> Result<Value, JsonError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(JsonError::NotJson);
        }
        let value = match (token, shape) {
            (Token::Literal(Value::Null), _) => Ok(Value::Null),
            (Token::Open, Shape::Object(representation)) => self.object(representation),
            (Token::Open, Shape::Map(of)) => self.map(of),
            (Token::Open, Shape::Any) => self.map(&Shape::Any),
            (Token::OpenList, Shape::List(of) | Shape::ListOrOne(of)) => self.list(of),
            (Token::OpenList, Shape::Any) => self.list(&Shape::Any),
            (Token::Open, Shape::ListOrOne(_)) => Err(JsonError::WrongShape),
            (token, Shape::ListOrOne(of)) => Ok(Value::Array(vec![self.rest(token, of)?])),
            (Token::Quote, Shape::Text | Shape::Any) => self.text().map(Value::String),
            (Token::Quote, Shape::Flag) => flag(&self.text()?),
            (Token::Quote, Shape::Whole | Shape::Long) => {
                let text = self.text()?;
                number_of_text(&text).and_then(|value| fitting(value, shape))
            }
            (Token::Literal(value), Shape::Text) => Ok(Value::String(value.to_string())),
            (Token::Literal(Value::Number(number)), Shape::Flag) => Ok(Value::Bool(number.as_f64() != Some(0.0))),
            (Token::Literal(value @ Value::Bool(_)), Shape::Flag) => Ok(value),
            (Token::Literal(Value::Number(number)), Shape::Whole | Shape::Long) => fitting(cut(&number)?, shape),
            (Token::Literal(value), Shape::Any) => Ok(value),
            _ => Err(JsonError::WrongShape),
        };
        self.depth -= 1;
        value
    }

    fn map(&mut self, of: &Shape) -> Result<Value, JsonError> {
        self.members(&mut |reader, _| reader.value(of).map(Some))
    }

    fn object(&mut self, representation: &Representation) -> Result<Value, JsonError> {
        self.members(&mut |reader, field| match representation.shape(field) {
            Some(shape) => reader.value(&shape).map(Some),
            None => {
                let token = reader.token()?;
                if representation.unknown == Unknown::Refused {
                    let (line, column) = reader.place();
                    let field = field.chars().take(LONGEST_NAME).collect();
                    return Err(JsonError::UnknownField { class: representation.class, field, line, column });
                }
                reader.rest(token, &Shape::Any).map(|_| None)
            }
        })
    }

    /// The members of an object whose brace is read; of a name that comes twice the last counts.
    fn members(&mut self, read: ReadMember<'_, Self>) -> Result<Value, JsonError> {
        let mut members = Map::new();
        if self.takes(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.expect(b'"')?;
            let name = self.text()?;
            self.expect(b':')?;
            if let Some(value) = read(self, &name)? {
                members.insert(name, value);
            }
            if self.takes(b'}') {
                return Ok(Value::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn list(&mut self, of: &Shape) -> Result<Value, JsonError> {
        let mut all = Vec::new();
        if self.takes(b']') {
            return Ok(Value::Array(all));
        }
        loop {
            all.push(self.value(of)?);
            if self.takes(b']') {
                return Ok(Value::Array(all));
            }
            self.expect(b',')?;
        }
    }
}

fn flag(text: &str) -> Result<Value, JsonError> {
    match text.trim() {
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        "" => Ok(Value::Null),
        _ => Err(JsonError::WrongShape),
    }
}

fn number_of_text(text: &str) -> Result<Value, JsonError> {
    match text.trim() {
        "" => Ok(Value::Null),
        digits => digits.parse::<i64>().map(Value::from).map_err(|_| JsonError::WrongShape),
    }
}

/// A number without its fraction.
fn cut(number: &Number) -> Result<Value, JsonError> {
    if let Some(whole) = number.as_i64() {
        return Ok(Value::from(whole));
    }
    let fraction = number.as_f64().filter(|f| f.abs() < 9.0e18).ok_or(JsonError::WrongShape)?;
    format!("{:.0}", fraction.trunc()).parse::<i64>().map(Value::from).map_err(|_| JsonError::WrongShape)
}

fn fitting(value: Value, shape: &Shape) -> Result<Value, JsonError> {
    let fits = match (value.as_i64(), shape) {
        (Some(number), Shape::Whole) => i32::try_from(number).is_ok(),
        _ => true,
    };
    if fits { Ok(value) } else { Err(JsonError::WrongShape) }
}
