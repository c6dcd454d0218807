//! Reads API shapes from a tree with places: a serde deserializer that refuses keys that the shape does not have, and
//! says where. It resolves plain text by what the shape wants: where a string is wanted, `64` is the text "64".

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::node::{Content, Key, Node};
use super::source::{Place, Problem};

/// Reads a `T`, or says what is wrong and where.
pub(crate) fn read<'de, T: Deserialize<'de>>(node: &'de Node) -> Result<T, Problem> {
    T::deserialize(Reader(node)).map_err(|error| error.into_problem(node.place))
}

/// A problem whose place is filled in by the innermost reader that sees it.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Error {
    place: Option<Place>,
    message: String,
    help: Option<String>,
}

impl Error {
    fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }

    fn into_problem(self, place: Place) -> Problem {
        Problem { place: self.place.unwrap_or(place), message: self.message, help: self.help }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { place: Some(problem.place), message: problem.message, help: problem.help }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { place: None, message: message.to_string(), help: None }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { place: None, message: format!("`{field}` is missing"), help: Some(format!("add `{field}:` here")) }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let problem = Problem::new(Place::default(), format!("`{variant}` is not one of the values allowed here"))
            .help_nearest(variant, expected.iter().copied());
        Self { place: None, message: problem.message, help: problem.help }
    }
}

struct Reader<'de>(&'de Node);

fn how_to_write(wanted: &str) -> &'static str {
    match wanted {
        "a list" => "write its items below it, each after `- `, or in brackets: `[a, b]`",
        "a map" => "write its keys below it as `key: value`, or in braces: `{key: value}`",
        "a text" => "write one value; in quotes anything is a text",
        "true or false" => "write `true` or `false`",
        _ => "write digits alone, as in `4`",
    }
}

impl<'de> Reader<'de> {
    fn wrong(&self, wanted: &str) -> Error {
        let problem = Problem::new(self.0.place, format!("expected {wanted}, found {}", self.0.describe()));
        problem.help(how_to_write(wanted)).into()
    }

    fn text(&self, wanted: &str) -> Result<&'de str, Error> {
        match &self.0.content {
            Content::Text { text, .. } if !self.0.is_null() => Ok(text),
            _ => Err(self.wrong(wanted)),
        }
    }

    fn placed<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.at(self.0.place))
    }

    fn visit_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Content::Map(entries) = &self.0.content else { return Err(self.wrong("a map")) };
        self.placed(visitor.visit_map(Entries { rest: entries, value: None }))
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let text = self.text("a whole number")?;
            let number = text.parse::<$type>().map_err(|_| self.wrong("a whole number"))?;
            self.placed(visitor.$visit(number))
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::List(_) => self.deserialize_seq(visitor),
            Content::Map(_) => self.visit_map(visitor),
            Content::Text { .. } if self.0.is_null() => self.placed(visitor.visit_unit()),
            Content::Text { text, plain } => {
                let resolved = match text.as_str() {
                    "true" | "True" | "TRUE" if *plain => visitor.visit_bool(true),
                    "false" | "False" | "FALSE" if *plain => visitor.visit_bool(false),
                    text => match (plain, text.parse::<i64>(), text.parse::<f64>()) {
                        (true, Ok(number), _) => visitor.visit_i64(number),
                        (true, _, Ok(number)) if number.is_finite() => visitor.visit_f64(number),
                        _ => visitor.visit_borrowed_str(text),
                    },
                };
                self.placed(resolved)
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.text("true or false")? {
            "true" | "True" | "TRUE" => self.placed(visitor.visit_bool(true)),
            "false" | "False" | "FALSE" => self.placed(visitor.visit_bool(false)),
            _ => Err(self.wrong("true or false")),
        }
    }

    whole_numbers!(deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64);

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.text("a number")?.parse::<f64>().map_err(|_| self.wrong("a number"))?;
        self.placed(visitor.visit_f64(number))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = self.text("a text")?;
        self.placed(visitor.visit_borrowed_str(text))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Content::List(items) = &self.0.content else { return Err(self.wrong("a list")) };
        self.placed(visitor.visit_seq(Items(items)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        refuse_unknown_keys(self.0, fields)?;
        self.visit_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text = self.text("a text")?;
        self.placed(visitor.visit_enum(text.into_deserializer()))
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// Refuses the first key of a map that is not among `known`.
pub(crate) fn refuse_unknown_keys(node: &Node, known: &[&str]) -> Result<(), Problem> {
    node.entries().iter().find_map(|(key, _)| unknown_key(key, known)).map_or(Ok(()), Err)
}

/// The problem with a key that is not among `known`.
pub(crate) fn unknown_key(key: &Key, known: &[&str]) -> Option<Problem> {
    (!known.contains(&key.text.as_str())).then(|| {
        Problem::new(key.place, format!("unknown key `{}`", key.text)).help_nearest(&key.text, known.iter().copied())
    })
}

struct Items<'de>(&'de [Node]);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(None) };
        self.0 = rest;
        seed.deserialize(Reader(first)).map(Some).map_err(|error| error.at(first.place))
    }
}

struct Entries<'de> {
    rest: &'de [(Key, Node)],
    value: Option<&'de Node>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(((key, value), rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        self.value = Some(value);
        let text: de::value::StrDeserializer<'_, Error> = key.text.as_str().into_deserializer();
        seed.deserialize(text).map(Some).map_err(|error| error.at(key.place))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().ok_or_else(|| <Error as de::Error>::custom("a value without its key"))?;
        seed.deserialize(Reader(value)).map_err(|error| error.at(value.place))
    }
}
