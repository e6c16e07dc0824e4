//! Simulated CRM 4.0 and SharePoint 2007 that enforce what the real ones enforce
